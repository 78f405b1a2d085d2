/** Every project's tests in one run. */
module.exports = {
  // Jest reads it of no project.
  filter: require.resolve('./libs/testing/jest-filter-slow.cjs'),
  // Both of two cores may be busy with other suites. In a run of several projects this file alone is asked.
  testTimeout: 30_000,
  maxWorkers: '100%',
  projects: ['<rootDir>/apps/*/jest.config.cjs', '<rootDir>/libs/*/jest.config.cjs'],
};
