/** Every project's tests in one run. */
module.exports = {
  // Jest reads it of no project.
  filter: require.resolve('./libs/testing/jest-filter.cjs'),
  projects: ['<rootDir>/apps/*/jest.config.cjs', '<rootDir>/libs/*/jest.config.cjs'],
};
