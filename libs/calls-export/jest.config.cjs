module.exports = { displayName: 'calls-export', preset: '../../jest.preset.js' };
