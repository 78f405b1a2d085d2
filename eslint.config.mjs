import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';

/**
 * The rooms of the library, from the top of the house to its bottom: each may import from those below it, and none
 * from those above (docs/architecture.md).
 */
const ROOMS = ['http', 'options', 'export', 'reading', 'formats', 'entities', 'model'];
const LIBRARY = 'libs/calls-export/src/lib';

export default [
  ...nx.configs['flat/base'],
  ...nx.configs['flat/typescript'],
  ...nx.configs['flat/javascript'],
  { ignores: ['dist', 'node_modules', '.nx', '.data'] },
  // Apps of their own, which import the package as their users do.
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
    },
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
            'Node.js does not document it: only http/acknowledged-bytes.ts reads such fields.',
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
          zones: ROOMS.map((room, index) => ({
            target: room,
            from: '.',
            except: ROOMS.slice(index).map((below) => `./${below}`),
            message: `Imports run from ${ROOMS.join(' to ')}.`,
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
];
