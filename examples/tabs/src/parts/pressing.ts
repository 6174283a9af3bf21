/** What a key does that stands for a button or link; none where that is not shown. */
export const pressing = (id: string) => (): false | void => {
  const pressed = document.getElementById(id);
  if (!pressed) return false;
  pressed.click();
};
