export { startEmbeddedPostgres, type EmbeddedPostgres } from './lib/embedded-postgres';
