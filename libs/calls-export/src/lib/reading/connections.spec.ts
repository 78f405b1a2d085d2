import type { DataSource } from 'typeorm';
import { Connections, DatabaseTimeoutError } from './connections';
import type { Dialect } from './dialects/dialect';

const SECONDS = 0.02;

/** A pool that logs what happens to its one connection, and what a test has it do. */
function pool({ slaves, size = 10 }: { slaves?: number; size?: number } = {}) {
  const log: string[] = [];
  const connection = {};
  const control = { connect: async () => {}, cancel: async () => {} };
  const dataSource = {
    driver: 'any',
    options: slaves === undefined ? {} : { replication: { slaves: Array(slaves).fill({}) } },
    createQueryRunner: (mode: string) => ({
      driver: 'any',
      async connect() {
        log.push(`connect ${mode} of ${this.driver}`);
        await control.connect();
        return connection;
      },
      release: async () => void log.push('release'),
    }),
  };
  const dialect = {
    poolSize: () => size,
    onReplica: (_: unknown, replica: number) => `replica ${replica}`,
    cancel: async (cancelled: unknown) => {
      log.push(`cancel ${cancelled === connection}`);
      await control.cancel();
    },
    abandon: (abandoned: unknown) => log.push(`abandon ${abandoned === connection}`),
  };
  const servers = Connections.ofEachServer(
    dataSource as unknown as DataSource,
    dialect as unknown as Dialect,
    SECONDS,
  );
  return { servers, connections: servers[0], connection, log, control };
}

/** Is done when it is told to be. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('Connections', () => {
  it('lends one and gives it back', async () => {
    const { servers, connections, connection, log } = pool();
    expect(servers).toHaveLength(1);
    expect(await connections.use(async (_, lent) => lent)).toBe(connection);
    expect(log).toEqual(['connect master of any', 'release']);
  });

  it('gives it back where the work fails', async () => {
    const { connections, log } = pool();
    const failure = new Error('no such table');
    await expect(connections.use(() => Promise.reject(failure))).rejects.toBe(failure);
    expect(log).toEqual(['connect master of any', 'release']);
  });

  it('keeps to one replica', async () => {
    const { servers, log } = pool({ slaves: 3 });
    expect(servers).toHaveLength(3);
    for (let time = 0; time < 3; time++) await servers[1]?.use(async () => {});
    expect(new Set(log)).toEqual(new Set(['connect slave of replica 1', 'release']));
  });

  it('cancels a statement that is not answered in time', async () => {
    const { connections, log, control } = pool();
    const { opened, open } = gate();
    control.cancel = async () => open();
    const late: unknown = await connections.use(() => opened).catch((error: unknown) => error);
    expect(late).toBeInstanceOf(DatabaseTimeoutError);
    expect(String(late)).toContain('The database has not answered for 0.02 seconds');
    expect(log).toEqual(['connect master of any', 'cancel true', 'release']);
  });

  it('closes a connection that is not answered even then', async () => {
    const { connections, log } = pool();
    const never = new Promise<never>(() => {});
    await expect(connections.use(() => never)).rejects.toThrow(DatabaseTimeoutError);
    expect(log).toEqual(['connect master of any', 'cancel true', 'abandon true', 'release']);
  });

  it('cancels a statement at the signal, and keeps its connection until it is cancelled', async () => {
    const { connections, log, control } = pool();
    const [statement, cancelling] = [gate(), gate()];
    const stop = new AbortController();
    const asked = new Promise<void>((resolve) => {
      control.cancel = () => {
        resolve();
        return cancelling.opened;
      };
    });
    const work = connections.until(stop.signal).use(() => statement.opened);
    await turn();
    const reason = new Error('the client has left');
    stop.abort(reason);
    await asked;
    // The statement ends by itself, but the cancellation may yet hit the next one.
    statement.open();
    await turn();
    expect(log).toEqual(['connect master of any', 'cancel true']);
    cancelling.open();
    await expect(work).rejects.toBe(reason);
    expect(log).toEqual(['connect master of any', 'cancel true', 'release']);
  });

  it('lets a statement end that is about to', async () => {
    const { connections, log } = pool();
    const { opened, open } = gate();
    const stop = new AbortController();
    const work = connections.until(stop.signal).use(() => opened);
    await turn();
    stop.abort(new Error('the client has left'));
    await turn();
    open();
    await expect(work).rejects.toThrow('the client has left');
    expect(log).toEqual(['connect master of any', 'release']);
  });

  it('does no work on a connection that comes too late, and gives it back', async () => {
    const { connections, log, control } = pool();
    const { opened, open } = gate();
    control.connect = () => opened;
    const work = jest.fn();
    await expect(connections.use(work)).rejects.toThrow(DatabaseTimeoutError);
    expect(log).toEqual(['connect master of any']);
    open();
    await turn();
    expect(log).toEqual(['connect master of any', 'release']);
    expect(work).not.toHaveBeenCalled();
  });

  it('lends as many as the pool has, and lets the others wait, for as long as it takes, in their order', async () => {
    const { connections, log } = pool({ size: 2 });
    const gates = [gate(), gate(), gate(), gate()];
    const done: number[] = [];
    const works = gates.map(async ({ opened }, index) => {
      expect(connections.areFree).toBe(index < 2);
      await connections.use(() => opened).catch(() => {});
      done.push(index);
    });
    await turn();
    expect(log).toHaveLength(2);
    // The first two run out of their time, which does not count for those that wait.
    await Promise.all(works.slice(0, 2));
    for (const { open } of gates) open();
    await Promise.all(works);
    expect(done).toEqual([0, 1, 2, 3]);
    expect(connections.areFree).toBe(true);
  });

  it('lets go of one that waits, at its signal', async () => {
    const { connections } = pool({ size: 1 });
    const { opened, open } = gate();
    const first = connections.use(() => opened);
    const stop = new AbortController();
    const reason = new Error('the client has left');
    const second = connections.until(stop.signal).use(async () => 'second');
    const third = connections.use(async () => 'third');
    stop.abort(reason);
    await expect(second).rejects.toBe(reason);
    await expect(connections.until(stop.signal).use(async () => {})).rejects.toBe(reason);
    open();
    await first;
    expect(await third).toBe('third');
    expect(connections.areFree).toBe(true);
  });
});
