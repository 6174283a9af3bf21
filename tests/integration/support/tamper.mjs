// Stands between a client and the server and passes message by message, each of which may be changed, held back or
// answered by somebody else.
import { WebSocket, WebSocketServer } from 'ws';

export class Tamper {
  // toClient and toServer get each message, as an object, and a function to answer its sender with text; what they
  // return, be it later, is passed on, as an object or as text; null: nothing.
  static async before(server, { toClient = (m) => m, toServer = (m) => m } = {}) {
    const tamper = new Tamper();
    tamper.connections = 0;
    tamper.server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/v1/ws' });
    tamper.server.on('connection', (client) => {
      tamper.connections += 1;
      const upstream = new WebSocket(server.ws, ['lockstep.v1']);
      const text = (m) => (typeof m === 'string' ? m : JSON.stringify(m));
      const pass = async (data, hook, to, back) => {
        const message = await hook(JSON.parse(data.toString()), (answer) => back.send(text(answer)));
        if (message !== null && to.readyState === WebSocket.OPEN) to.send(text(message));
      };
      upstream.on('message', (data) => pass(data, toClient, client, upstream));
      client.on('message', (data) => pass(data, toServer, upstream, client));
      for (const [one, other] of [[client, upstream], [upstream, client]]) {
        one.on('close', () => other.terminate());
        one.on('error', () => {});
      }
    });
    await new Promise((resolve) => tamper.server.once('listening', resolve));
    return tamper;
  }

  get url() {
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  drop() {
    for (const client of this.server.clients) client.terminate();
  }

  end() {
    this.drop();
    this.server.close();
  }
}
