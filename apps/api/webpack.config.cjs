const { relative, resolve } = require('node:path');
const { compilerOptions } = require('../../tsconfig.base.json');

const root = resolve(__dirname, '../..');
const dist = resolve(root, 'dist/apps/api');

/** The workspace's own libraries are bundled with the app; packages are loaded from node_modules. */
const alias = Object.fromEntries(
  Object.entries(compilerOptions.paths).map(([name, [path]]) => [`${name}$`, resolve(root, path)]),
);

/** @type {import('webpack').Configuration} */
module.exports = {
  mode: 'none',
  target: 'node20',
  context: __dirname,
  entry: {
    main: './src/main.ts',
    migrate: './src/migrate.ts',
    openapi: './src/openapi.ts',
    seed: './src/seed.ts',
    token: './src/token.ts',
  },
  output: {
    path: dist,
    clean: true,
    // Paths at which debuggers and `--enable-source-maps` find the sources.
    devtoolModuleFilenameTemplate: ({ absoluteResourcePath }) =>
      relative(dist, absoluteResourcePath),
    library: { type: 'commonjs2' },
  },
  devtool: 'source-map',
  resolve: { extensions: ['.ts', '.js'], alias },
  module: { rules: [{ test: /\.ts$/, loader: 'swc-loader' }] },
  externals: [
    ({ request }, callback) => {
      const bundled = /^[./]/.test(request) || `${request}$` in alias;
      if (bundled) callback();
      else callback(null, `commonjs ${request}`);
    },
  ],
  stats: 'errors-warnings',
};
