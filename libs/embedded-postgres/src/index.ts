export {
  DataDirectoryInUseError,
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from './lib/embedded-postgres';
