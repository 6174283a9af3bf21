/** What has the focus goes away in a moment, by the person's own doing: the focus goes to the view. */
export function leaveIt(): void {
  document.querySelector('main')?.focus({ preventScroll: true });
}
