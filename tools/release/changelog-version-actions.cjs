const { default: JsVersionActions, ...jsActions } = require('@nx/js/src/release/version-actions');
const { join } = require('node:path');

const UNRELEASED = '## [Unreleased]';

/** The version actions of `nx release`, which also update the changelog. */
module.exports = {
  ...jsActions,
  default: class extends JsVersionActions {
    /**
     * Writes the version to package.json, and moves the unreleased entries of the changelog under it.
     */
    async updateProjectVersion(tree, version) {
      const messages = await super.updateProjectVersion(tree, version);
      const { root } = this.projectGraphNode.data;
      const changelog = join(root, 'CHANGELOG.md');
      const { repository } = JSON.parse(tree.read(join(root, 'package.json'), 'utf8'));
      const date = new Date().toISOString().slice(0, 10);
      tree.write(
        changelog,
        released(tree.read(changelog, 'utf8'), version, date, webPage(repository.url)),
      );
      return [...messages, `✍️  New version ${version} written to changelog: ${changelog}`];
    }
  },
  released,
};

/**
 * Moves the unreleased entries of a changelog under a version.
 *
 * @param {string} changelog the text of the file, in the Keep a Changelog format.
 * @param {string} version such as `1.2.0`.
 * @param {string} date such as `2026-12-01`.
 * @param {string} repository the URL of the repository's web page.
 * @throws Error if there are no unreleased entries, or no link to compare them.
 */
function released(changelog, version, date, repository) {
  const [, entries] = /^## \[Unreleased\]\n([^]*?)(?=^## |^\[)/m.exec(changelog) ?? [];
  if (!entries?.trim()) {
    throw new Error(`The changelog has no entries under "${UNRELEASED}": add one for each change`);
  }
  const comparison = /^\[unreleased\]: .*\/compare\/(.+)\.\.\.HEAD$/m;
  const [, before] = comparison.exec(changelog) ?? [];
  if (!before) throw new Error('The changelog has no link "[unreleased]: …/compare/<tag>...HEAD"');
  return changelog
    .replace(UNRELEASED, () => `${UNRELEASED}\n\n## [${version}] - ${date}`)
    .replace(
      comparison,
      () =>
        `[unreleased]: ${repository}/compare/v${version}...HEAD\n[${version}]: ${repository}/compare/${before}...v${version}`,
    );
}

/**
 * Returns the web page of a repository.
 *
 * @param {string} url from package.json, such as `git+https://github.com/owner/name.git`.
 */
function webPage(url) {
  return url.replace(/^git\+/, '').replace(/\.git$/, '');
}
