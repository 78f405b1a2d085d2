import { reportFailure } from './report-failure';

/** Runs a command. If it fails, reports the error and exits with status 1. */
export function runCommand(command: () => Promise<void>): void {
  command().catch((error: unknown) => {
    reportFailure(error);
    process.exit(1);
  });
}
