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
export {
  describeWith,
  GALERA_PROVIDER,
  type Requirement,
  SEARCH_PATH,
  versionOf,
} from './lib/programs';
export { rawResponse } from './lib/raw-response';
export { TIMEOUT_MS } from './lib/timeout';
export { until } from './lib/until';
