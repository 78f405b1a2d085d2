export { describeEachDatabase, type TestDatabase } from './lib/describe-each-database';
