import type { Database } from './database';
import type { GracefulClose } from './graceful-close';
import { runCommand } from './run-command';

/** The signals that terminate a process by default. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
const SAME_SIGNAL_MS = 100;

/** Lets exports finish at the first signal, aborts them at the second, and exits immediately at the third. */
export function stopAtSignals(graceful: GracefulClose, database: Pick<Database, 'close'>): void {
  let signals = 0;
  let lastSignal = -Infinity;
  const stop = (signal: NodeJS.Signals) => {
    // `npm start` forwards a Ctrl-C that the terminal also sends to this process directly.
    const isSame = signal === 'SIGINT' && performance.now() - lastSignal < SAME_SIGNAL_MS;
    lastSignal = performance.now();
    if (isSame && process.env['npm_lifecycle_event'] !== undefined) return;
    signals++;
    if (signals > 2) process.exit(1);
    if (signals === 2) return graceful.endGracePeriod();
    // Closes the database last: running exports still read from it.
    runCommand(async () => {
      await graceful.close();
      await database.close();
      process.exit(0);
    });
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  // The process may also exit for other reasons, such as an uncaught error.
  process.on('exit', graceful.reset);
}
