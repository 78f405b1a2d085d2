import { getEventListeners } from 'node:events';
import type { DataSource, QueryRunner } from 'typeorm';
import { Connections, DatabaseTimeoutError } from './connections';
import type { Dialect, SessionSettings } from './dialects/dialect';

/** How many seconds the database has to answer. */
const TIMEOUT = 60;

/** The options of each wait; waits go by the clock of the tests. */
const mockWaits: unknown[] = [];
jest.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, value: unknown, options: unknown) => {
    mockWaits.push(options);
    return new Promise((resolve) => setTimeout(resolve, ms, value));
  },
}));

/** A pool that logs what happens to its one connection, and what a test has it do. */
function pool({ slaves, size = 10 }: { slaves?: number; size?: number } = {}) {
  const log: string[] = [];
  const connection = {};
  const control = {
    connect: async () => {},
    cancel: async (_another: () => QueryRunner) => {},
    release: async () => {},
  };
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
      release: () => {
        log.push('release');
        return control.release();
      },
    }),
  };
  const dialect = {
    poolSize: () => size,
    onReplica: (driver: string, replica: number) => `${driver} replica ${replica}`,
    cancel: async (cancelled: unknown, another: () => QueryRunner) => {
      log.push(`cancel ${cancelled === connection}`);
      await control.cancel(another);
    },
    abandon: (abandoned: unknown) => log.push(`abandon ${abandoned === connection}`),
    transaction: async (_: unknown, settings: SessionSettings, work: () => Promise<unknown>) => {
      log.push(`begin ${JSON.stringify(settings)}`);
      const result = await work();
      log.push('commit');
      return result;
    },
  };
  const from = [dataSource as unknown as DataSource, dialect as unknown as Dialect] as const;
  const servers = Connections.ofEachServer(...from, TIMEOUT);
  return { servers, connections: servers[0], connection, log, control, from };
}

/** Is done when it is told to be. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

const never = () => new Promise<never>(() => {});
/** Lets everything happen that needs no time. */
const turn = () => jest.advanceTimersByTimeAsync(0);
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

/** How something ended, as soon as it has. */
function endOf(work: Promise<unknown>) {
  const end: { value?: unknown; error?: unknown } = {};
  work.then(
    (value) => (end.value = value),
    (error: unknown) => (end.error = error),
  );
  return end;
}

beforeEach(() => {
  mockWaits.length = 0;
  jest.useFakeTimers();
});
afterEach(() => {
  // Whatever limited a wait has been taken back with it.
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

describe('Connections', () => {
  it('lends one and gives it back', async () => {
    const { connections, connection, log } = pool();
    expect(await connections.use(async (_, lent) => lent)).toBe(connection);
    expect(log).toEqual(['connect master of any', 'release']);
  });

  it('gives it back where the work fails', async () => {
    const { connections, log } = pool({ size: 1 });
    const failure = new Error('no such table');
    await expect(connections.use(() => Promise.reject(failure))).rejects.toBe(failure);
    expect(log).toEqual(['connect master of any', 'release']);
    expect(connections.areFree).toBe(true);
  });

  it('gives the turn on where no connection can be made, or given back', async () => {
    const { connections, control, log } = pool({ size: 1 });
    const failure = new Error('refused');
    control.connect = () => Promise.reject(failure);
    await expect(connections.use(async () => {})).rejects.toBe(failure);
    await turn();
    expect(log).toEqual(['connect master of any', 'release']);
    expect(connections.areFree).toBe(true);
    control.connect = async () => {};
    control.release = () => Promise.reject(failure);
    await expect(connections.use(async () => {})).rejects.toBe(failure);
    expect(connections.areFree).toBe(true);
  });

  it('works in a transaction with the session variables', async () => {
    const { connections, connection, log } = pool();
    const own = connections.until(undefined, { 'app.tenant': '42' });
    expect(own.settings).toEqual({ 'app.tenant': '42' });
    expect(await own.transaction(async (_, lent) => lent)).toBe(connection);
    const transaction = ['begin {"app.tenant":"42"}', 'commit', 'release'];
    expect(log).toEqual(['connect master of any', ...transaction]);
    expect(connections.settings).toEqual({});
    expect(connections.until().settings).toEqual({});
  });

  it('gives the work the runner that has the connection', async () => {
    const { connections, connection } = pool();
    for (const lend of ['use', 'transaction'] as const) {
      const lent = connections[lend]((runner) => runner.connect());
      expect(await lent).toBe(connection);
    }
  });
});

describe('The servers', () => {
  it.each([undefined, 0])(
    'are the primary alone where there are no replicas (%s)',
    async (slaves) => {
      const { servers, log } = pool({ slaves });
      expect(servers.map(({ isReplica }) => isReplica)).toEqual([false]);
      await servers[0].use(async () => {});
      expect(log).toEqual(['connect master of any', 'release']);
    },
  );

  it('are the replicas alone where there are some, and each keeps to its own', async () => {
    const { servers, log } = pool({ slaves: 3 });
    expect(servers.map(({ isReplica }) => isReplica)).toEqual([true, true, true]);
    for (const server of [...servers, ...servers]) await server.use(async () => {});
    const each = [0, 1, 2].flatMap((at) => [`connect slave of any replica ${at}`, 'release']);
    expect(log).toEqual([...each, ...each]);
  });

  it('have the primary too if it is asked for', async () => {
    const { from, log } = pool({ slaves: 3 });
    const primary = Connections.of(...from, TIMEOUT);
    expect(primary.isReplica).toBe(false);
    await primary.use(async () => {});
    expect(log).toEqual(['connect master of any', 'release']);
  });

  it('have a pool each', async () => {
    const { servers } = pool({ slaves: 2, size: 1 });
    const { opened, open } = gate();
    const work = servers[0].use(() => opened);
    expect(servers.map(({ areFree }) => areFree)).toEqual([false, true]);
    open();
    await work;
  });

  it('cancel on the server that has the statement', async () => {
    const { servers, log, control } = pool({ slaves: 2 });
    control.cancel = async (another) => void (await another().connect());
    const end = endOf((servers[1] as Connections).use(never));
    await pass(70_000);
    expect(end.error).toBeInstanceOf(DatabaseTimeoutError);
    const connect = 'connect slave of any replica 1';
    expect(log).toEqual([connect, 'cancel true', connect, 'abandon true', 'release']);
  });
});

describe('A statement', () => {
  it('has its time to answer', async () => {
    const { connections, log } = pool();
    const { opened, open } = gate();
    const end = endOf(connections.use(() => opened.then(() => 'done')));
    await pass(59_999);
    open();
    await turn();
    expect(end).toEqual({ value: 'done' });
    expect(log).toEqual(['connect master of any', 'release']);
  });

  it('is cancelled if it is not answered in time, and has a little more to end', async () => {
    const { connections, log, control } = pool();
    const { opened, open } = gate();
    control.cancel = async () => open();
    const end = endOf(connections.use(() => opened));
    await pass(60_099);
    expect(log).toEqual(['connect master of any']);
    await pass(1);
    expect(log).toEqual(['connect master of any', 'cancel true', 'release']);
    expect(end.error).toBeInstanceOf(DatabaseTimeoutError);
    expect(end.error).toMatchObject({
      seconds: 60,
      message: 'The database did not respond within 60 seconds',
    });
    await pass(1_000);
    expect(log).toHaveLength(3);
  });

  it.each([
    ['does not end by that', async () => {}],
    ['can not be cancelled', never],
  ])('has its connection closed a second after, if it %s', async (_, cancel) => {
    const { connections, log, control } = pool();
    control.cancel = cancel;
    const end = endOf(connections.use(never));
    await pass(61_099);
    expect(log).toEqual(['connect master of any', 'cancel true']);
    expect(end).toEqual({});
    await pass(1);
    expect(log).toEqual(['connect master of any', 'cancel true', 'abandon true', 'release']);
    expect(end.error).toBeInstanceOf(DatabaseTimeoutError);
    // A process that ends does not wait for any of it.
    expect(mockWaits).toEqual([{ ref: false }, { ref: false }]);
  });

  it('is cancelled at the signal, and keeps its connection until it is cancelled', async () => {
    const { connections, log, control } = pool();
    const [statement, cancelling] = [gate(), gate()];
    control.cancel = () => cancelling.opened;
    const stop = new AbortController();
    const end = endOf(connections.until(stop.signal).use(() => statement.opened));
    await turn();
    const reason = new Error('the client has left');
    stop.abort(reason);
    await pass(100);
    // The statement ends by itself, but the cancellation may yet hit the next one.
    statement.open();
    await turn();
    expect(log).toEqual(['connect master of any', 'cancel true']);
    expect(end).toEqual({});
    cancelling.open();
    await turn();
    expect(end.error).toBe(reason);
    expect(log).toEqual(['connect master of any', 'cancel true', 'release']);
    await pass(1_000);
  });

  it('is let end if it is about to', async () => {
    const { connections, log } = pool();
    const { opened, open } = gate();
    const stop = new AbortController();
    const end = endOf(connections.until(stop.signal).use(() => opened));
    await turn();
    const reason = new Error('the client has left');
    stop.abort(reason);
    await pass(99);
    expect(log).toEqual(['connect master of any']);
    open();
    await turn();
    expect(end.error).toBe(reason);
    expect(log).toEqual(['connect master of any', 'release']);
    await pass(1);
    expect(log).toHaveLength(2);
  });

  it('is let fail likewise, for the reason of the signal', async () => {
    const { connections, log } = pool();
    const { opened, open } = gate();
    const stop = new AbortController();
    const work = () => opened.then(() => Promise.reject(new Error('syntax error')));
    const end = endOf(connections.until(stop.signal).use(work));
    await turn();
    const reason = new Error('the client has left');
    stop.abort(reason);
    open();
    await turn();
    expect(end.error).toBe(reason);
    expect(log).toEqual(['connect master of any', 'release']);
    await pass(100);
  });

  it('leaves nothing at the signal', async () => {
    const { connections } = pool();
    const { signal } = new AbortController();
    const waiting = gate();
    const work = connections.until(signal).use(() => waiting.opened);
    await turn();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    waiting.open();
    await work;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('A connection', () => {
  it('that comes too late is given back, without any work', async () => {
    const { connections, log, control } = pool({ size: 1 });
    const { opened, open } = gate();
    control.connect = () => opened;
    const work = jest.fn();
    const end = endOf(connections.use(work));
    await pass(60_000);
    expect(end.error).toBeInstanceOf(DatabaseTimeoutError);
    expect(log).toEqual(['connect master of any']);
    expect(connections.areFree).toBe(false);
    open();
    await turn();
    expect(log).toEqual(['connect master of any', 'release']);
    expect(connections.areFree).toBe(true);
    expect(work).not.toHaveBeenCalled();
  });

  it('is lent as often as the pool has one; the others wait, for as long as it takes, in their order', async () => {
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
    await pass(62_000);
    for (const { open } of gates) open();
    await Promise.all(works);
    expect(done).toEqual([0, 1, 2, 3]);
    expect(connections.areFree).toBe(true);
  });

  it('is not waited for any longer at the signal', async () => {
    const { connections, log } = pool({ size: 1 });
    const { opened, open } = gate();
    const first = connections.use(() => opened);
    const stop = new AbortController();
    const reason = new Error('the client has left');
    const second = connections.until(stop.signal).use(async () => 'second');
    const third = connections.use(async () => 'third');
    stop.abort(reason);
    await expect(second).rejects.toBe(reason);
    await expect(connections.until(stop.signal).use(async () => {})).rejects.toBe(reason);
    expect(log).toEqual(['connect master of any']);
    open();
    await first;
    expect(await third).toBe('third');
    expect(connections.areFree).toBe(true);
  });

  it.each([0, 1, 2, 3, 4, 5])(
    'is not waited for either if the signal is aborted when its turn comes, %i steps later',
    async (steps) => {
      const { connections, control } = pool({ size: 1 });
      const stop = new AbortController();
      const reason = new Error('the client has left');
      const connecting = gate();
      const abort = async (later: number) => {
        for (let step = 0; step < later; step++) await undefined;
        stop.abort(reason);
      };
      // As soon as the first one gives its connection back, the second one has its turn.
      control.release = async () => {
        control.connect = () => connecting.opened;
        control.release = async () => {};
        void abort(steps);
      };
      const { opened, open } = gate();
      const first = connections.use(() => opened);
      const work = jest.fn();
      const second = endOf(connections.until(stop.signal).use(work));
      open();
      await first;
      await turn();
      expect(second.error).toBe(reason);
      connecting.open();
      await turn();
      expect(work).not.toHaveBeenCalled();
      expect(connections.areFree).toBe(true);
    },
  );
});
