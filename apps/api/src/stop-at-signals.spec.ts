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

  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
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
      hurry: () => void log.push('hurry'),
      reset: () => void log.push('reset'),
    };
    stopAtSignals(graceful, { close: closing('database') });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    if (lifecycle === undefined) delete process.env['npm_lifecycle_event'];
    else process.env['npm_lifecycle_event'] = lifecycle;
  });

  it('resets the connections when the process ends, and waits for the signals', () => {
    expect(Object.keys(listeners).sort()).toEqual([...SIGNALS, 'exit'].sort());
    expect(log).toEqual([]);
    send('exit');
    expect(log).toEqual(['reset']);
  });

  it.each(SIGNALS)('closes the app, then the database, and exits with 0 (%s)', async (signal) => {
    send(signal);
    await turn();
    // An export that still runs asks the database for its next page.
    expect(log).toEqual(['close app']);
    finish.app();
    await turn();
    expect(log).toEqual(['close app', 'close database']);
    finish.database();
    await turn();
    expect(log).toEqual(['close app', 'close database', 0]);
  });

  it('hurries at the second signal, of whichever kind, and exits with 1 at the third', () => {
    send('SIGTERM');
    send('SIGHUP');
    expect(log).toEqual(['close app', 'hurry']);
    send('SIGTERM');
    // Nothing comes after it but here.
    expect(log.slice(0, 3)).toEqual(['close app', 'hurry', 1]);
  });

  it.each([
    [99, 'SIGINT', ['close app']],
    [100, 'SIGINT', ['close app', 'hurry']],
    [99, 'SIGTERM', ['close app', 'hurry']],
  ])(
    'takes a signal %d ms after a Ctrl-C under npm for the same or not (%s)',
    (ms, signal, expected) => {
      process.env['npm_lifecycle_event'] = 'start';
      send('SIGINT');
      now += ms;
      send(signal);
      expect(log).toEqual(expected);
    },
  );

  it('takes a second Ctrl-C at once for another one without npm', () => {
    send('SIGINT');
    send('SIGINT');
    expect(log).toEqual(['close app', 'hurry']);
  });

  it('says what goes wrong, and exits with 1', async () => {
    send('SIGTERM');
    finish.app(new Error('stuck'));
    await turn();
    expect(log).toEqual(['close app', new Error('stuck'), 1]);
  });
});
