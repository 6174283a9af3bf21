// The messages over ws: what is for all of a user's sockets is made once.
import { WebSocketServer } from 'ws';

import { leave, signedIn, take, welcome } from './work.mjs';

class Guest {
  constructor(socket, name) {
    this.socket = socket;
    socket.on('close', () => leave(this));
    socket.on('error', () => {});
    socket.on('message', (data) => take(this, JSON.parse(data)));
    welcome(this, name);
  }

  tell(message) {
    this.socket.send(JSON.stringify(message));
  }

  tellAll(message, text) {
    const bytes = Buffer.from(text);
    for (const { socket } of this.user.guests) socket.send(bytes, { binary: false });
  }
}

export function serve(http) {
  const sockets = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: 65536 });
  http.on('upgrade', (request, stream, head) => {
    const name = signedIn(request.headers.authorization);
    if (name === undefined) stream.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
    else sockets.handleUpgrade(request, stream, head, (socket) => new Guest(socket, name));
  });
}
