// @needs PostgreSQL server or MariaDB server
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describeEachDatabase } from '@calls/testing';
import { DataSource } from 'typeorm';
import { anyDataSourceOptions, ExportingHost } from './exporting-host';
import { insertCalls } from './insert-calls';

const CALLS = 20_000;

/**
 * A proxy between a host and its database that can silently drop connections: no data passes, and no end is
 * closed.
 */
class Network {
  private readonly ends: Socket[] = [];

  private constructor(
    readonly url: string,
    private readonly close: () => void,
  ) {}

  static async to(databaseUrl: string): Promise<Network> {
    const { hostname, port, protocol } = new URL(databaseUrl);
    const database = Number(port || (protocol === 'mysql:' ? 3306 : 5432));
    const server = createServer((host) => {
      const end = connect(database, hostname);
      for (const socket of [host, end]) socket.on('error', () => {});
      network.ends.push(host, end);
      host.pipe(end).pipe(host);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = Object.assign(new URL(databaseUrl), {
      hostname: '127.0.0.1',
      port: String((server.address() as AddressInfo).port),
    });
    const network = new Network(url.href, () => server.close());
    return network;
  }

  /** Drops all open connections. @returns how many. */
  cut(): number {
    for (const socket of this.ends) socket.unpipe().removeAllListeners('data').pause();
    return this.ends.length / 2;
  }

  end(): void {
    for (const socket of this.ends) socket.destroy();
    this.close();
  }
}

describeEachDatabase(
  'A connection that is silently dropped',
  anyDataSourceOptions,
  (database) => {
    it('is given up after queryTimeout, and the page is retried', async () => {
      const calls = Array.from({ length: CALLS }, (_, index) => ({
        accountId: 1,
        callSid: `CA${index}`,
        status: 'completed',
      }));
      await insertCalls(database.dataSource, calls);
      const network = await Network.to(database.url);
      const options = { ...anyDataSourceOptions(network.url), synchronize: false };
      const dataSource = await new DataSource(options as never).initialize();
      const host = await ExportingHost.start(
        { ...database, dataSource },
        { queryTimeout: 0.5, retryTimeout: 40, pageSize: 1000 },
      );
      try {
        const complete = await host.export();
        // Leaves several connections in the pool, all of which will be dropped and have to time out one by
        // one.
        await Promise.all(Array.from({ length: 3 }, () => host.export()));
        let [text, cut] = ['', 0];
        for await (const piece of await host.stream()) {
          text += piece;
          // In the middle of the file, while the next page is read.
          if (cut === 0 && text.length > complete.length / 2) cut = network.cut();
        }
        expect(cut).toBeGreaterThan(3);
        expect(text).toBe(complete);
      } finally {
        await host.close();
        network.end();
      }
    }, 60_000);
  },
  ['PostgreSQL server', 'MariaDB server'],
);
