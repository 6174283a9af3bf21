// The messages over socket.io, as its manual has it: a room for each user. The only transport is the WebSocket.
import { Server } from 'socket.io';

import { leave, signedIn, take, welcome } from './work.mjs';

class Guest {
  constructor(socket) {
    this.socket = socket;
    socket.join(socket.data.name);
    socket.on('disconnect', () => leave(this));
    socket.on('command', (command) => take(this, command));
    welcome(this, socket.data.name);
  }

  tell(message) {
    this.socket.emit('told', message);
  }

  tellAll(message) {
    this.socket.nsp.to(this.user.name).emit('told', message);
  }
}

export function serve(http) {
  const io = new Server(http, { transports: ['websocket'], serveClient: false, maxHttpBufferSize: 65536 });
  io.use((socket, next) => {
    socket.data.name = signedIn(socket.handshake.headers.authorization);
    next(socket.data.name === undefined ? new Error('unauthorized') : undefined);
  });
  io.on('connection', (socket) => new Guest(socket));
}
