// @slow
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { serialize } from 'pg-protocol';
import {
  DataDirectoryInUseError,
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../src/lib/embedded-postgres';

const TIMEOUT_MS = 120_000;

const REST_OF_QUERY = [serialize.bind(), serialize.execute(), serialize.sync()];

/** A connection that sends the messages of a query separately; `pg` sends them together. */
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
  describe('in memory', () => {
    let database: EmbeddedPostgres;
    beforeAll(async () => (database = await startEmbeddedPostgres()), TIMEOUT_MS);
    afterAll(() => database.close());

    it('accepts connections only from this user, and none from the network', () => {
      // Without access to the directory, others can't open the socket in it.
      const directory = new URL(database.url).searchParams.get('host') as string;
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      expect(process.getActiveResourcesInfo()).not.toContain('TCPServerWrap');
    });

    it('returns the result of the right statement if connections interleave their messages', async () => {
      const [first, second] = [
        await RawConnection.open(database.url),
        await RawConnection.open(database.url),
      ];

      first.send(serialize.parse({ text: `SELECT 'first'` }));
      await first.received('1');
      second.send(serialize.parse({ text: `SELECT 'second'` }), ...REST_OF_QUERY);
      // No response should come yet. Wait, to see whether one comes anyway.
      await Promise.race([second.received('second'), sleep(200)]);
      first.send(...REST_OF_QUERY);

      await first.received('first');
      await second.received('second');
      first.close();
      second.close();
    });

    it('keeps working if a connection is lost during a query', async () => {
      const lost = await RawConnection.open(database.url);
      lost.send(serialize.parse({ text: `SELECT 'lost'` }));
      await lost.received('1');
      lost.close();

      const pool = new Pool({ connectionString: database.url });
      expect((await pool.query('SELECT $1::int AS number', [1])).rows).toEqual([{ number: 1 }]);
      await pool.end();
    });
  });

  describe('in a directory', () => {
    let directory: string;
    beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'embedded-postgres-spec-'))));
    afterEach(() => rmSync(directory, { recursive: true }));

    it(
      'persists its data, and recreates a database whose creation was interrupted',
      async () => {
        const data = join(directory, 'data');
        mkdirSync(join(data, 'postgres.new'), { recursive: true });
        writeFileSync(join(data, 'postgres.new', 'PG_VERSION'), '');
        for (const expected of [1, 2]) {
          const database = await startEmbeddedPostgres(data);
          expect(readdirSync(data).sort()).toEqual(['owner.json', 'postgres']);
          const pool = new Pool({ connectionString: database.url });
          await pool.query('CREATE TABLE IF NOT EXISTS starts (at timestamptz)');
          await pool.query('INSERT INTO starts VALUES (now())');
          expect((await pool.query('SELECT count(*)::int FROM starts')).rows).toEqual([
            { count: expected },
          ]);
          await pool.end();
          await database.close();
          expect(readdirSync(data)).toEqual(['postgres']);
        }
      },
      TIMEOUT_MS,
    );

    describe('that another process has open', () => {
      let socket: string;
      let url: string;
      beforeEach(() => {
        socket = join(directory, '.s.PGSQL.5432');
        url = `postgres://postgres@localhost/postgres?host=${encodeURIComponent(directory)}`;
        const owner = { pid: process.ppid, url };
        writeFileSync(join(directory, 'owner.json'), JSON.stringify(owner));
      });
      afterEach(() => jest.useRealTimers());

      it('throws DataDirectoryInUseError if mayJoin is false', async () => {
        const error = await startEmbeddedPostgres(directory, false).catch(
          (cause: unknown) => cause,
        );
        expect(error).toBeInstanceOf(DataDirectoryInUseError);
        expect(error).toMatchObject({
          pid: process.ppid,
          message: `The data directory ${directory} is in use by process ${process.ppid}`,
        });
      });

      it('waits for the database of that process, and does not close it', async () => {
        const starting = startEmbeddedPostgres(directory);
        expect(await Promise.race([starting, sleep(150, 'waits')])).toBe('waits');
        writeFileSync(socket, '');
        const database = await starting;
        expect(database.url).toBe(url);
        await database.close();
        expect(readdirSync(directory).sort()).toEqual(['.s.PGSQL.5432', 'owner.json']);
      });

      it('throws if that process does not serve the database within 30 seconds', async () => {
        const timers =
          jest.requireActual<typeof import('node:timers/promises')>('node:timers/promises');
        const waits = jest
          .spyOn(timers, 'setTimeout')
          .mockImplementation(async () => undefined as never);
        await expect(startEmbeddedPostgres(directory)).rejects.toThrow(
          `The embedded database is locked by a process that does not serve it: remove ${join(directory, 'owner.json')} if no other instance is running`,
        );
        const waited = waits.mock.calls.reduce((sum, [ms = 0]) => sum + ms, 0);
        expect(waited).toBe(30_000);
        waits.mockRestore();
      });
    });
  });
});
