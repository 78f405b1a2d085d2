const nxPreset = require('@nx/jest/preset').default;

/** What the tests of every project share. */
module.exports = {
  ...nxPreset,
  testEnvironment: 'node',
  testTimeout: 30_000,
  testMatch: ['<rootDir>/{src,test}/**/*.spec.ts'],
  transform: { '^.+\\.[cm]?[jt]s$': '@swc/jest' },
  // Jest loads ES modules (NestJS) and dynamic imports (PGlite) once they are transformed.
  transformIgnorePatterns: ['/node_modules/(?!(@nestjs|@electric-sql|jose)/)'],
};
