const nxPreset = require('@nx/jest/preset').default;

/** The settings that every project's tests share. */
module.exports = {
  ...nxPreset,
  testEnvironment: require.resolve('./libs/testing/jest-environment.cjs'),
  testTimeout: 30_000,
  testMatch: ['<rootDir>/{src,test}/**/*.spec.ts'],
  filter: require.resolve('./libs/testing/jest-filter.cjs'),
  transform: { '^.+\\.[cm]?[jt]s$': '@swc/jest' },
  // Jest can load ES modules (NestJS) and dynamic imports (PGlite) only after they are transformed.
  transformIgnorePatterns: ['/node_modules/(?!(@nestjs|@electric-sql|jose)/)'],
};
