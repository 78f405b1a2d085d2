import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP relay that can hold back what clients send, so that the server seems to hang. */
export class FreezableRelay {
  /** How many chunks were held back since the last freeze. */
  heldBack = 0;
  private readonly sockets = new Set<Socket>();
  private readonly held: (() => void)[] = [];
  private isFrozen: (data: Buffer) => boolean = () => false;

  private constructor(private readonly server: Server) {}

  static async to(host: string, port: number): Promise<FreezableRelay> {
    const server = createServer();
    const relay = new FreezableRelay(server);
    server.on('connection', (client) => relay.join(client, connect(port, host)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return relay;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** @param text holds back only chunks that contain it. Default all. */
  freeze(text = ''): void {
    this.heldBack = 0;
    this.isFrozen = (data) => data.includes(text);
  }

  thaw(): void {
    this.isFrozen = () => false;
    for (const pass of this.held.splice(0)) pass();
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private join(client: Socket, target: Socket): void {
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
    target.pipe(client);
    client.on('data', (data) => {
      if (!this.isFrozen(data)) return void target.write(data);
      this.heldBack++;
      this.held.push(() => target.write(data));
    });
  }
}
