import { describeSessions } from './times';

describeSessions();
