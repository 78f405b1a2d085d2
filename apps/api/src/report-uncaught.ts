import { reportFailure } from './report-failure';

// A program imports this first, so that it also tells of another import that fails.
process.on('uncaughtException', (error) => {
  reportFailure(error);
  process.exit(1);
});
