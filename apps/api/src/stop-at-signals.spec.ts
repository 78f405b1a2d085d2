import type { GracefulClose } from './graceful-close';
import { stopAtSignals } from './stop-at-signals';

describe('stopAtSignals', () => {
  const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
  const { npm_lifecycle_event: lifecycle } = process.env;
  let log: unknown[];
  let listeners: Record<string, (signal: string) => void>;
  let now: number;
  /** Lets the app, then the database, finish closing. */
  let finish: { app: (error?: Error) => void; database: () => void };

  const tick = () => new Promise<void>((resolve) => setImmediate(resolve));
  const send = (signal: string) => listeners[signal]?.(signal);

  beforeEach(() => {
    log = [];
    listeners = {};
    now = 0;
    delete process.env['npm_lifecycle_event'];
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    jest.spyOn(console, 'error').mockImplementation((text) => void log.push(text));
    jest.spyOn(process, 'exit').mockImplementation(((code: number) => log.push(code)) as never);
    jest.spyOn(process, 'on').mockImplementation(((event: string, listener: () => void) => {
      listeners[event] = listener;
    }) as never);
    finish = { app: () => {}, database: () => {} };
    const closing = (name: 'app' | 'database') => () => {
      log.push(`close ${name}`);
      return new Promise<void>((resolve, reject) => {
        finish[name] = (error?: Error) => (error ? reject(error) : resolve());
      });
    };
    const graceful: GracefulClose = {
      close: closing('app'),
      endGracePeriod: () => void log.push('endGracePeriod'),
      reset: () => void log.push('reset'),
    };
    stopAtSignals(graceful, { close: closing('database') });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    if (lifecycle === undefined) delete process.env['npm_lifecycle_event'];
    else process.env['npm_lifecycle_event'] = lifecycle;
  });

  it('listens for the stop signals, and resets all connections when the process exits', () => {
    expect(Object.keys(listeners).sort()).toEqual([...SIGNALS, 'exit'].sort());
    expect(log).toEqual([]);
    send('exit');
    expect(log).toEqual(['reset']);
  });

  it.each(SIGNALS)(
    'closes the app, then the database, and exits with 0 after %s',
    async (signal) => {
      send(signal);
      await tick();
      // Running exports still read from the database.
      expect(log).toEqual(['close app']);
      finish.app();
      await tick();
      expect(log).toEqual(['close app', 'close database']);
      finish.database();
      await tick();
      expect(log).toEqual(['close app', 'close database', 0]);
    },
  );

  it('ends the grace period at the second signal of any kind, and exits with 1 at the third', () => {
    send('SIGTERM');
    send('SIGHUP');
    expect(log).toEqual(['close app', 'endGracePeriod']);
    send('SIGTERM');
    // Only here, where exit() is mocked, does anything follow it.
    expect(log.slice(0, 3)).toEqual(['close app', 'endGracePeriod', 1]);
  });

  it.each([
    [99, 'SIGINT', ['close app']],
    [100, 'SIGINT', ['close app', 'endGracePeriod']],
    [99, 'SIGTERM', ['close app', 'endGracePeriod']],
  ])(
    'ignores, under npm, only the SIGINT that repeats a Ctrl-C within 100 ms (%d ms, %s)',
    (ms, signal, expected) => {
      process.env['npm_lifecycle_event'] = 'start';
      send('SIGINT');
      now += ms;
      send(signal);
      expect(log).toEqual(expected);
    },
  );

  it('counts an immediate second Ctrl-C as a second signal without npm', () => {
    send('SIGINT');
    send('SIGINT');
    expect(log).toEqual(['close app', 'endGracePeriod']);
  });

  it('prints an error during shutdown, and exits with 1', async () => {
    send('SIGTERM');
    finish.app(new Error('stuck'));
    await tick();
    expect(log).toEqual(['close app', new Error('stuck'), 1]);
  });
});
