export { AuthModule } from './lib/auth.module';
export { signToken } from './lib/sign-token';
export type { TokenKey, TokenSettings } from './lib/token-settings';
export { algorithmOf } from './lib/verification-key';
