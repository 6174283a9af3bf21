// The way from a browser to the server, which can be cut and mended while both go on.
import { connect, createServer } from 'node:net';

export class Gate {
  sockets = new Set();
  isOpen = true;

  static async start(server) {
    const gate = new Gate();
    gate.listener = createServer((near) => gate.take(near, server.port));
    gate.listener.listen(0, '127.0.0.1');
    await new Promise((resolve) => gate.listener.once('listening', resolve));
    gate.http = `http://127.0.0.1:${gate.listener.address().port}`;
    return gate;
  }

  take(near, port) {
    near.on('error', () => {});
    if (!this.isOpen) {
      near.destroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    far.on('error', () => {});
    for (const [one, other] of [[near, far], [far, near]]) {
      this.sockets.add(one);
      one.pipe(other);
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
  }

  cut() {
    this.isOpen = false;
    for (const socket of this.sockets) socket.destroy();
  }

  mend() {
    this.isOpen = true;
  }

  stop() {
    this.cut();
    return new Promise((resolve) => this.listener.close(resolve));
  }
}
