import { CORE } from './tools/mutation/core.mjs';

/** Mutation tests of the core, on the unit tests beside the source. */
export default {
  mutate: [...CORE.map((path) => (path.endsWith('/') ? `${path}**/*.ts` : path)), '!**/*.spec.ts'],
  testRunner: 'jest',
  jest: {
    configFile: 'jest.quick.config.cjs',
    config: { filter: './tools/mutation/specs-beside.cjs' },
  },
  plugins: ['@stryker-mutator/jest-runner', './tools/mutation/leave-out-equivalent.mjs'],
  ignorers: ['equivalent'],
  coverageAnalysis: 'perTest',
  // Unit tests take milliseconds.
  timeoutMS: 2_000,
  concurrency: 2,
  incremental: true,
  incrementalFile: 'tmp/mutation/incremental.json',
  tempDirName: 'tmp/stryker',
  // The unit tests read none of these, so they need not be copied.
  ignorePatterns: ['apps', 'deploy', 'docs', 'examples', 'dist', 'tmp', '.data'],
  reporters: ['clear-text', 'json', 'html'],
  jsonReporter: { fileName: 'tmp/mutation/mutation.json' },
  htmlReporter: { fileName: 'tmp/mutation/mutation.html' },
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  allowConsoleColors: false,
  warnings: { slow: false },
  thresholds: { high: 95, low: 85, break: 85 },
};
