export function JobsMenu() {
  return null;
}
