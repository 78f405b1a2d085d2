import { reportFailure } from './report-failure';

/** Runs a command; one that is called or set up wrongly ends with one sentence, any other failure with its stack. */
export function runCommand(command: () => Promise<void>): void {
  command().catch((error: unknown) => {
    reportFailure(error);
    process.exit(1);
  });
}
