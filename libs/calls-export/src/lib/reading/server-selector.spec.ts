import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Connections } from './connections';
import type { Dialect } from './dialects/dialect';
import { ServerSelector } from './server-selector';

/** A primary and replicas, and which of the replicas can't be connected to. */
function cluster({ slaves = 0, fallback = true } = {}) {
  const log: string[] = [];
  const down = new Map<string, Error>();
  const control = { connect: async (_server: string) => {} };
  const dataSource = {
    options: { replication: { slaves: Array(slaves).fill({}) } },
    driver: undefined,
    createQueryRunner: () => ({
      driver: 'primary',
      async connect() {
        log.push(this.driver);
        await control.connect(this.driver);
        const fault = down.get(this.driver);
        if (fault) throw fault;
        return this.driver;
      },
      release: async () => {},
    }),
  };
  const dialect = {
    poolSize: () => 10,
    onReplica: (_: unknown, replica: number) => `replica ${replica}`,
  };
  const servers = new ServerSelector(
    dataSource as unknown as DataSource,
    dialect as unknown as Dialect,
    60,
    fallback,
  );
  /** Which server a piece of work was done on. */
  const begin = (signal?: AbortSignal) =>
    servers.run((server) => server.use(async (_, connection) => connection), signal);
  return { servers, begin, log, down, control };
}

const refused = (text = 'connect ECONNREFUSED') =>
  Object.assign(new Error(text), { code: 'ECONNREFUSED' });
const away = (why: string) =>
  `warn: A replica is unreachable, so new exports use another server: ${why}`;
const BACK = 'log: A replica is reachable again';

let now: number;
let lines: string[];
let dice: jest.SpyInstance;

beforeEach(() => {
  now = 1_000_000;
  lines = [];
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  dice = jest.spyOn(Math, 'random').mockReturnValue(0);
  for (const level of ['warn', 'log'] as const) {
    jest
      .spyOn(Logger.prototype, level)
      .mockImplementation((...[line]: unknown[]) => void lines.push(`${level}: ${String(line)}`));
  }
});
afterEach(() => jest.restoreAllMocks());

describe('ServerSelector', () => {
  it.each([true, false])(
    'are the primary where there are no replicas (fallback: %s)',
    async (fallback) => {
      const { begin, log, down } = cluster({ fallback });
      expect(await begin()).toBe('primary');
      expect(log).toEqual(['primary']);
      down.set('primary', refused());
      await expect(begin()).rejects.toThrow('connect ECONNREFUSED');
      expect(log).toEqual(['primary', 'primary']);
      expect(lines).toEqual([]);
    },
  );

  it.each([true, false])(
    'are any of the replicas, and never the primary (fallback: %s)',
    async (fallback) => {
      const { begin, log } = cluster({ slaves: 3, fallback });
      const begun: unknown[] = [];
      for (const random of [0, 0.33, 0.34, 0.66, 0.67, 0.999]) {
        dice.mockReturnValue(random);
        begun.push(await begin());
      }
      expect(begun).toEqual([0, 0, 1, 1, 2, 2].map((replica) => `replica ${replica}`));
      expect(log).not.toContain('primary');
      expect(lines).toEqual([]);
    },
  );

  it('keep to the replica that they have taken without a fallback, even if it is down', async () => {
    const { begin, down, log } = cluster({ slaves: 2, fallback: false });
    down.set('replica 0', refused());
    for (let time = 0; time < 2; time++) {
      await expect(begin()).rejects.toThrow('connect ECONNREFUSED');
    }
    expect(log).toEqual(['replica 0', 'replica 0']);
    expect(lines).toEqual([]);
  });

  it('are another replica if one is down, and the primary only if all are', async () => {
    const { begin, down, log } = cluster({ slaves: 2 });
    down.set('replica 0', refused('down'));
    expect(await begin()).toBe('replica 1');
    expect(log).toEqual(['replica 0', 'replica 1', 'replica 1']);
    expect(lines).toEqual([away('down')]);
    // Whatever keeps it from connecting.
    down.set('replica 1', new Error('certificate has expired'));
    expect(await begin()).toBe('primary');
    expect(lines).toEqual([away('down'), away('certificate has expired')]);
    log.length = 0;
    expect(await begin()).toBe('primary');
    expect(log).toEqual(['primary']);
    expect(lines).toHaveLength(2);
  });

  it('leave a replica alone for five seconds, and then one export tries it', async () => {
    const { begin, down, log } = cluster({ slaves: 1 });
    down.set('replica 0', refused('down'));
    expect(await begin()).toBe('primary');
    for (let time = 0; time < 2; time++) {
      log.length = 0;
      now += 4_999;
      expect(await begin()).toBe('primary');
      expect(log).toEqual(['primary']);
      now += 1;
      expect(await begin()).toBe('primary');
      expect(log).toEqual(['primary', 'replica 0', 'primary']);
    }
    expect(lines).toEqual([away('down')]);
    down.clear();
    now += 5_000;
    expect(await begin()).toBe('replica 0');
    expect(await begin()).toBe('replica 0');
    expect(lines).toEqual([away('down'), BACK]);
    down.set('replica 0', refused('down again'));
    expect(await begin()).toBe('primary');
    expect(lines).toEqual([away('down'), BACK, away('down again')]);
  });

  it('are the primary for the exports that begin while one tries a replica again', async () => {
    const { begin, down, control } = cluster({ slaves: 1 });
    down.set('replica 0', refused());
    await begin();
    now += 5_000;
    let answer = () => {};
    const connecting = new Promise<void>((resolve) => (answer = resolve));
    control.connect = (server) => (server === 'replica 0' ? connecting : Promise.resolve());
    const first = begin();
    now += 4_999;
    expect(await begin()).toBe('primary');
    down.clear();
    answer();
    expect(await first).toBe('replica 0');
    expect(lines.at(-1)).toBe(BACK);
  });

  it('leave a replica alone from the time on at which it has been found down', async () => {
    const { begin, down, control, log } = cluster({ slaves: 1 });
    down.set('replica 0', refused());
    control.connect = async (server) => {
      if (server === 'replica 0') now += 3_000;
    };
    for (let time = 0; time < 2; time++) {
      await begin();
      now += 4_999;
      log.length = 0;
      await begin();
      expect(log).toEqual(['primary']);
      now += 1;
    }
  });

  it('are another one if the replica is lost before the export has begun', async () => {
    const { servers } = cluster({ slaves: 2 });
    const begun: string[] = [];
    const work = jest.fn(async (server: Connections) => {
      begun.push(await server.use(async (_, connection) => connection as string));
      if (begun.length < 3) throw refused('lost');
      return 'begun';
    });
    expect(await servers.run(work)).toBe('begun');
    expect(begun).toEqual(['replica 0', 'replica 1', 'primary']);
    expect(lines).toEqual([away('lost'), away('lost')]);
  });

  it('stay where another fault shows, which would show on any', async () => {
    const { servers, begin } = cluster({ slaves: 2 });
    const fault = Object.assign(new Error('deadlock detected'), { code: '40P01' });
    await expect(servers.run(() => Promise.reject(fault))).rejects.toBe(fault);
    expect(lines).toEqual([]);
    expect(await begin()).toBe('replica 0');
  });

  it('are not looked for any longer at the signal', async () => {
    const { servers, begin, control } = cluster({ slaves: 1 });
    const reason = new Error('the client has left');
    const stop = new AbortController();
    control.connect = async () => stop.abort(reason);
    await expect(begin(stop.signal)).rejects.toBe(reason);
    control.connect = async () => {};
    // Nor if the work fails in the meantime as it does on a replica that is lost.
    const left = new AbortController();
    const lost = refused();
    const work = () => {
      left.abort(reason);
      return Promise.reject(lost);
    };
    await expect(servers.run(work, left.signal)).rejects.toBe(lost);
    // Neither says anything of the replica.
    expect(lines).toEqual([]);
    expect(await begin()).toBe('replica 0');
  });
});
