import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { serialize } from 'pg-protocol';
import { startEmbeddedPostgres } from './embedded-postgres';

const TIMEOUT_MS = 60_000;

const REST_OF_QUERY = [serialize.bind(), serialize.execute(), serialize.sync()];

/** A connection that sends the messages of a query one by one, which `pg` sends together. */
class RawConnection {
  private output = '';

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1').on('data', (text: string) => (this.output += text));
  }

  static async open(url: string): Promise<RawConnection> {
    const socket = connect(join(new URL(url).searchParams.get('host') as string, '.s.PGSQL.5432'));
    const connection = new RawConnection(socket);
    connection.send(serialize.startup({ user: 'postgres', database: 'postgres' }));
    await connection.received('Z\0\0\0\x05I');
    connection.output = '';
    return connection;
  }

  send(...messages: Buffer[]): void {
    this.socket.write(Buffer.concat(messages));
  }

  async received(text: string): Promise<void> {
    while (!this.output.includes(text)) await once(this.socket, 'data');
  }

  close(): void {
    this.socket.destroy();
  }
}

describe('The embedded PostgreSQL', () => {
  it(
    'takes connections of this user alone, and none from the network',
    async () => {
      const database = await startEmbeddedPostgres();
      // Who can't pass through the directory can't open the socket in it.
      const directory = new URL(database.url).searchParams.get('host') as string;
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      expect(process.getActiveResourcesInfo()).not.toContain('TCPServerWrap');
      await database.close();
    },
    TIMEOUT_MS,
  );

  it(
    'makes its data anew where it was stopped while it made them',
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'embedded-postgres-spec-'));
      mkdirSync(join(directory, 'postgres.new'));
      writeFileSync(join(directory, 'postgres.new', 'PG_VERSION'), '');
      try {
        const database = await startEmbeddedPostgres(directory);
        expect(readdirSync(directory).sort()).toEqual(['owner.json', 'postgres']);
        await database.close();
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
    TIMEOUT_MS,
  );

  it(
    'answers each connection for its own statement, even where another one comes between',
    async () => {
      const database = await startEmbeddedPostgres();
      const [first, second] = [
        await RawConnection.open(database.url),
        await RawConnection.open(database.url),
      ];

      first.send(serialize.parse({ text: `SELECT 'first'` }));
      await first.received('1');
      second.send(serialize.parse({ text: `SELECT 'second'` }), ...REST_OF_QUERY);
      // It should not be answered yet; were it, this would be the time.
      await Promise.race([second.received('second'), sleep(200)]);
      first.send(...REST_OF_QUERY);

      await first.received('first');
      await second.received('second');
      first.close();
      second.close();
      await database.close();
    },
    TIMEOUT_MS,
  );

  it(
    'goes on where a connection is lost in the middle of a query',
    async () => {
      const database = await startEmbeddedPostgres();
      const lost = await RawConnection.open(database.url);
      lost.send(serialize.parse({ text: `SELECT 'lost'` }));
      await lost.received('1');
      lost.close();

      const pool = new Pool({ connectionString: database.url });
      expect((await pool.query('SELECT $1::int AS number', [1])).rows).toEqual([{ number: 1 }]);
      await pool.end();
      await database.close();
    },
    TIMEOUT_MS,
  );

  it(
    'keeps its data',
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'embedded-postgres-spec-'));
      try {
        for (const expected of [1, 2]) {
          const database = await startEmbeddedPostgres(join(directory, 'data'));
          const pool = new Pool({ connectionString: database.url });
          await pool.query('CREATE TABLE IF NOT EXISTS starts (at timestamptz)');
          await pool.query('INSERT INTO starts VALUES (now())');
          expect((await pool.query('SELECT count(*)::int FROM starts')).rows).toEqual([
            { count: expected },
          ]);
          await pool.end();
          await database.close();
        }
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
    TIMEOUT_MS,
  );
});
