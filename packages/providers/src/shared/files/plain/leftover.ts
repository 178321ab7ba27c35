/**
 * Whether a name in a plain directory is no secret but left there by a program, for a moment or for good: backups and temporary
 * files of Vault Agent, consul-template and agenix, of vim, Emacs and other editors, of rsync beside the file that it replaces,
 * of NFS for a file that is open while it is deleted, and of the macOS Finder.
 */
export function isLeftover(name: string, hasSibling: (name: string) => boolean): boolean {
  if (/\.bak$|\.tmp\.|\.tmp$|~$|^#.*#$|^\.#|^\..*\.sw[a-z]$|^\.nfs[0-9a-f]+$|^\.DS_Store$/.test(name)) return true;
  const [, replaced] = /^\.(.+)\.[A-Za-z0-9]{6}$/.exec(name) ?? [];
  return replaced !== undefined && hasSibling(replaced);
}

/**
 * Whether a name may be one that a writer is about to rename: those of Go's os.CreateTemp, a random number of 32 bits, behind a prefix
 * where the AWS provider of the CSI driver writes; and those of rsync.
 */
export function isTemporary(name: string): boolean {
  return /^\d+$|\d{6,10}$|^\..+\.[A-Za-z0-9]{6}$/.test(name);
}
