module.exports = { displayName: 'seed-calls', preset: '../../jest.preset.js' };
