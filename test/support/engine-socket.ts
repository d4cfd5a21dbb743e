/** The socket of the engine that these tests use: the one of DOCKER_HOST, else the default one. */
export const ENGINE_SOCKET = process.env.DOCKER_HOST?.replace(/^unix:\/\//, '') || '/var/run/docker.sock';
