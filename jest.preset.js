const nxPreset = require('@nx/jest/preset').default;

/** What the tests of every project share. */
module.exports = {
  ...nxPreset,
  testEnvironment: require.resolve('./libs/testing/jest-environment.cjs'),
  testTimeout: 30_000,
  testMatch: ['<rootDir>/{src,test}/**/*.spec.ts'],
  filter: require.resolve('./libs/testing/jest-filter.cjs'),
  transform: { '^.+\\.[cm]?[jt]s$': '@swc/jest' },
  // Jest loads ES modules (NestJS) and dynamic imports (PGlite) once they are transformed.
  transformIgnorePatterns: ['/node_modules/(?!(@nestjs|@electric-sql|jose)/)'],
};
