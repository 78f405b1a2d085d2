export { AuthModule } from './lib/auth.module';
export { signToken } from './lib/sign-token';
export type { TokenSettings } from './lib/token-settings';
