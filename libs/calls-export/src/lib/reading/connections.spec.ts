import { advance, gate, never, outcomeOf, pool, TIMEOUT, flush } from '../../../test/fake-pool';
import { Connections, DatabaseTimeoutError } from './connections';

jest.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, value: unknown) =>
    new Promise((resolve) => setTimeout(resolve, ms, value)),
}));

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  // No timer may be left behind.
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

describe('Connections', () => {
  it('lends a connection and releases it', async () => {
    const { connections, connection, log } = pool();
    expect(await connections.use(async (_, lent) => lent)).toBe(connection);
    expect(log).toEqual(['connect master of any', 'release']);
  });

  it('releases the connection if the work fails', async () => {
    const { connections, log } = pool({ size: 1 });
    const failure = new Error('no such table');
    await expect(connections.use(() => Promise.reject(failure))).rejects.toBe(failure);
    expect(log).toEqual(['connect master of any', 'release']);
    expect(connections.areFree).toBe(true);
  });

  it('frees the slot if connecting or releasing fails', async () => {
    const { connections, control, log } = pool({ size: 1 });
    const failure = new Error('refused');
    control.connect = () => Promise.reject(failure);
    await expect(connections.use(async () => {})).rejects.toBe(failure);
    await flush();
    expect(log).toEqual(['connect master of any', 'release']);
    expect(connections.areFree).toBe(true);
    control.connect = async () => {};
    control.release = () => Promise.reject(failure);
    await expect(connections.use(async () => {})).rejects.toBe(failure);
    expect(connections.areFree).toBe(true);
  });

  it('runs a transaction with the session variables', async () => {
    const { connections, connection, log } = pool();
    const own = connections.until(undefined, { 'app.tenant': '42' });
    expect(own.settings).toEqual({ 'app.tenant': '42' });
    expect(await own.transaction(async (_, lent) => lent)).toBe(connection);
    const transaction = ['begin {"app.tenant":"42"}', 'commit', 'release'];
    expect(log).toEqual(['connect master of any', ...transaction]);
    expect(connections.settings).toEqual({});
    expect(connections.until().settings).toEqual({});
  });

  it('passes the query runner of the connection to the work', async () => {
    const { connections, connection } = pool();
    for (const lend of ['use', 'transaction'] as const) {
      const lent = connections[lend]((runner) => runner.connect());
      expect(await lent).toBe(connection);
    }
  });
});

describe('The connections of each server', () => {
  it.each([undefined, 0])(
    'are those of the primary if there are no replicas (%s)',
    async (slaves) => {
      const { servers, log } = pool({ slaves });
      expect(servers.map(({ isReplica }) => isReplica)).toEqual([false]);
      await servers[0].use(async () => {});
      expect(log).toEqual(['connect master of any', 'release']);
    },
  );

  it('are those of the replicas if there are some, and each stays on its replica', async () => {
    const { servers, log } = pool({ slaves: 3 });
    expect(servers.map(({ isReplica }) => isReplica)).toEqual([true, true, true]);
    for (const server of [...servers, ...servers]) await server.use(async () => {});
    const each = [0, 1, 2].flatMap((at) => [`connect slave of any replica ${at}`, 'release']);
    expect(log).toEqual([...each, ...each]);
  });

  it('can be those of the primary although there are replicas', async () => {
    const { from, log } = pool({ slaves: 3 });
    const primary = Connections.of(...from, TIMEOUT);
    expect(primary.isReplica).toBe(false);
    await primary.use(async () => {});
    expect(log).toEqual(['connect master of any', 'release']);
  });

  it('have a pool per server', async () => {
    const { servers } = pool({ slaves: 2, size: 1 });
    const { opened, open } = gate();
    const work = servers[0].use(() => opened);
    expect(servers.map(({ areFree }) => areFree)).toEqual([false, true]);
    open();
    await work;
  });

  it('cancel a statement on the server that runs it', async () => {
    const { servers, log, control } = pool({ slaves: 2 });
    control.cancel = async (another) => void (await another().connect());
    const outcome = outcomeOf((servers[1] as Connections).use(never));
    await advance(70_000);
    expect(outcome.error).toBeInstanceOf(DatabaseTimeoutError);
    const connect = 'connect slave of any replica 1';
    expect(log).toEqual([connect, 'cancel true', connect, 'abandon true', 'release']);
  });
});

describe('Waiting for a connection', () => {
  it('releases a connection that is established after the timeout, without any work', async () => {
    const { connections, log, control } = pool({ size: 1 });
    const { opened, open } = gate();
    control.connect = () => opened;
    const work = jest.fn();
    const outcome = outcomeOf(connections.use(work));
    await advance(60_000);
    expect(outcome.error).toBeInstanceOf(DatabaseTimeoutError);
    expect(log).toEqual(['connect master of any']);
    expect(connections.areFree).toBe(false);
    open();
    await flush();
    expect(log).toEqual(['connect master of any', 'release']);
    expect(connections.areFree).toBe(true);
    expect(work).not.toHaveBeenCalled();
  });

  it('is first come, first served, without a time limit, once the pool is in use', async () => {
    const { connections, log } = pool({ size: 2 });
    const gates = [gate(), gate(), gate(), gate()];
    const done: number[] = [];
    const works = gates.map(async ({ opened }, index) => {
      expect(connections.areFree).toBe(index < 2);
      await connections.use(() => opened).catch(() => {});
      done.push(index);
    });
    await flush();
    expect(log).toHaveLength(2);
    // The first two time out. Waiting does not count toward the timeout.
    await advance(62_000);
    for (const { open } of gates) open();
    await Promise.all(works);
    expect(done).toEqual([0, 1, 2, 3]);
    expect(connections.areFree).toBe(true);
  });

  it('ends if the signal is aborted', async () => {
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
    'ends without work if the signal is aborted as a connection becomes free, %i microtasks later',
    async (steps) => {
      const { connections, control } = pool({ size: 1 });
      const stop = new AbortController();
      const reason = new Error('the client has left');
      const connecting = gate();
      const abort = async (later: number) => {
        for (let step = 0; step < later; step++) await undefined;
        stop.abort(reason);
      };
      // The second task gets the connection as soon as the first one releases it.
      control.release = async () => {
        control.connect = () => connecting.opened;
        control.release = async () => {};
        void abort(steps);
      };
      const { opened, open } = gate();
      const first = connections.use(() => opened);
      const work = jest.fn();
      const second = outcomeOf(connections.until(stop.signal).use(work));
      open();
      await first;
      await flush();
      expect(second.error).toBe(reason);
      connecting.open();
      await flush();
      expect(work).not.toHaveBeenCalled();
      expect(connections.areFree).toBe(true);
    },
  );
});
