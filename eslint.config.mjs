import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';

/**
 * The library's layers, from top to bottom. Each may import only from those below it (docs/architecture.md).
 */
const LAYERS = ['http', 'options', 'export', 'reading', 'formats', 'entities', 'model'];
const LIBRARY = 'libs/calls-export/src/lib';

export default [
  ...nx.configs['flat/base'],
  ...nx.configs['flat/typescript'],
  ...nx.configs['flat/javascript'],
  { ignores: ['dist', 'node_modules', '.nx', '.data'] },
  // Separate apps that import the package as its users do.
  { ignores: ['libs/calls-export/test/package/*/'] },
  {
    files: ['**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          depConstraints: [
            {
              sourceTag: 'type:app',
              onlyDependOnLibsWithTags: ['type:feature', 'type:util', 'type:testing'],
            },
            {
              sourceTag: 'type:feature',
              onlyDependOnLibsWithTags: ['type:util', 'type:testing'],
            },
            { sourceTag: 'type:util', onlyDependOnLibsWithTags: ['type:util'] },
            {
              sourceTag: 'type:testing',
              onlyDependOnLibsWithTags: ['type:util'],
            },
          ],
        },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'max-lines': ['error', 300],
    },
  },
  {
    files: ['{apps,libs}/*/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: { 'max-lines': ['error', 250] },
  },
  {
    files: ['{apps,libs}/*/src/**/*.ts'],
    ignores: [`${LIBRARY}/http/acknowledged-bytes.ts`],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            ':matches(MemberExpression > Identifier.property, Property > Identifier.key)[name=/^_(?:handle|readableState|writableState|httpMessage|server)$/]',
          message:
            'Node.js does not document this field: only http/acknowledged-bytes.ts may read such fields.',
        },
      ],
    },
  },
  {
    files: [`${LIBRARY}/**/*.ts`],
    plugins: { 'import-x': importX },
    settings: {
      ...importX.flatConfigs.typescript.settings,
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })],
    },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-restricted-paths': [
        'error',
        {
          basePath: LIBRARY,
          zones: LAYERS.map((layer, index) => ({
            target: layer,
            from: '.',
            except: LAYERS.slice(index).map((below) => `./${below}`),
            message: `A layer may import only from itself and the layers after it: ${LAYERS.join(', ')}.`,
          })),
        },
      ],
    },
  },
  {
    files: ['**/*.cjs', 'jest.preset.js'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  prettier,
  {
    files: ['**/*.ts'],
    rules: {
      // Prettier does not wrap comments. Its configuration above turns the rule off.
      'max-len': [
        'error',
        {
          code: 120,
          comments: 110,
          ignoreUrls: true,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
          ignoreRegExpLiterals: true,
        },
      ],
    },
  },
];
