import { reportFailure } from './report-failure';

// Programs import this module first, so that a failing import is reported as well.
process.on('uncaughtException', (error) => {
  reportFailure(error);
  process.exit(1);
});
