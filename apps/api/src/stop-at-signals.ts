import type { Database } from './database';
import type { GracefulClose } from './graceful-close';
import { runCommand } from './run-command';

/** Those that would end a process. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
const SAME_SIGNAL_MS = 100;

/** The first signal lets exports finish, the second one cuts them off, and the third one ends the process at once. */
export function stopAtSignals(graceful: GracefulClose, database: Pick<Database, 'close'>): void {
  let signals = 0;
  let lastSignal = -Infinity;
  const stop = (signal: NodeJS.Signals) => {
    // `npm start` passes on a Ctrl-C that the terminal has sent to this process as well.
    const isSame = signal === 'SIGINT' && performance.now() - lastSignal < SAME_SIGNAL_MS;
    lastSignal = performance.now();
    if (isSame && process.env['npm_lifecycle_event'] !== undefined) return;
    signals++;
    if (signals > 2) process.exit(1);
    if (signals === 2) return graceful.hurry();
    // The database last: until then a running export may ask it for a page.
    runCommand(async () => {
      await graceful.close();
      await database.close();
      process.exit(0);
    });
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  // Whatever ends it otherwise, such as an error that nobody has caught.
  process.on('exit', graceful.reset);
}
