export {
  describeEachDatabase,
  EVERY_DATABASE,
  type DatabaseKind,
  type TestDatabase,
  withOnePostgres,
} from './lib/describe-each-database';
export { endProcess } from './lib/end-process';
export { freePort } from './lib/free-port';
export { listen } from './lib/listen';
export { PgBouncer } from './lib/pgbouncer';
export { describeWith, type Requirement, SEARCH_PATH, versionOf } from './lib/programs';
export { rawAnswer } from './lib/raw-answer';
export { TIMEOUT_MS } from './lib/timeout';
export { until } from './lib/until';
