export {
  describeEachDatabase,
  EVERY_DATABASE,
  type DatabaseKind,
  type TestDatabase,
} from './lib/describe-each-database';
