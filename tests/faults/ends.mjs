// How a server ended: {code, signal}. One that lives on when it should not is found out, not waited for.
export async function ends(server, ms = 30000) {
  let late;
  const lives = new Promise((resolve) => (late = setTimeout(resolve, ms, 'it lives on')));
  const how = await Promise.race([server.exited, lives]);
  clearTimeout(late);
  return how;
}
