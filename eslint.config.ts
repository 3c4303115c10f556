import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Time and chance enter through the clock and random ports only, so that a decision can be derived again later. */
const deterministic = [
  { object: 'Date', property: 'now', message: 'take the instant from the clock port' },
  { object: 'Math', property: 'random', message: 'take chance from the random port' },
];

export default defineConfig(
  {
    ignores: [
      'dist',
      'coverage',
      'reports',
      '.stryker-tmp',
      'src/teleport/proto/generated',
      'test/proof/interop',
      '.dependency-cruiser.mjs',
    ],
  },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/strict-boolean-expressions': ['error', { allowString: false, allowNumber: false }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['src/**'], rules: { 'max-params': ['error', 5] } },
  {
    files: ['src/**'],
    ignores: ['src/program.ts', 'src/core/**', 'src/review/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'program.ts passes the environment on' },
      ],
      'no-restricted-imports': [
        'error',
        { name: 'node:process', message: 'program.ts passes the environment on; `process` is global' },
      ],
    },
  },
  {
    files: ['src/core/**', 'src/review/**'],
    rules: {
      'no-restricted-properties': ['error', ...deterministic],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'fetch', 'process', 'Buffer'],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'take the instant from the clock port',
        },
      ],
    },
  },
  {
    // The one place for timers of use cases.
    files: ['src/review/deadline.ts'],
    rules: { 'no-restricted-globals': ['error', 'setInterval', 'fetch', 'process', 'Buffer'] },
  },
);
