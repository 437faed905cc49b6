using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Finds out whether the native part of TorchSharp loads with this machine's C++ library and, where one unused version
/// requirement is all that prevents it, writes a copy in which that requirement is weak.
/// </summary>
/// <remarks>
/// TorchSharp's Linux library is built by GCC 13 and asks for version GLIBCXX_3.4.32 of libstdc++ for a symbol that
/// nothing in it uses. A loader refuses a missing version unless its entry is marked weak (VER_FLG_WEAK).
/// </remarks>
public sealed class FitToLibStdCxx : Task
{
    private const string Runtime = "libstdc++.so.6";
    private const string Version = "GLIBCXX_3.4.32";
    private const string Symbol = "_ZSt21ios_base_library_initv";

    /// <summary>TorchSharp's native library as it came.</summary>
    [Required]
    public string Library { get; set; }

    /// <summary>Folders that may hold the machine's libstdc++.so.6, the first one first.</summary>
    [Required]
    public string[] Folders { get; set; }

    /// <summary>Where the copy with the weak requirement goes; nothing is written where it is not needed.</summary>
    [Required]
    public string Relaxed { get; set; }

    /// <summary>'fits', 'relaxed', or in words what is in the way.</summary>
    [Output]
    public string Verdict { get; set; }

    public override bool Execute()
    {
        try
        {
            Verdict = Examine();
        }
        catch (Exception fault)
            when (fault is IOException || fault is InvalidDataException || fault is UnauthorizedAccessException)
        {
            Verdict = fault.Message;
        }
        return true;
    }

    private string Examine()
    {
        var runtime = Folders.Select(folder => Path.Combine(folder, Runtime)).FirstOrDefault(File.Exists);
        if (runtime == null)
        {
            return "no " + Runtime + " was found in " + string.Join(", ", Folders);
        }
        var offered = new Elf(runtime).DefinedVersions();
        var library = new Elf(Library);
        var missing = library
            .Requirements()
            .Where(need => need.File == Runtime && !offered.Contains(need.Version))
            .ToList();
        if (missing.Count == 0)
        {
            return "fits";
        }
        if (missing.Count > 1 || missing[0].Version != Version)
        {
            return runtime
                + " lacks "
                + string.Join(", ", missing.Select(need => need.Version))
                + ", which "
                + Library
                + " needs";
        }
        var strange = library
            .SymbolsOf(missing[0].Index)
            .Where(symbol => symbol.Name != Symbol)
            .Select(symbol => symbol.Name)
            .ToList();
        if (strange.Count > 0)
        {
            return Library
                + " takes "
                + string.Join(", ", strange)
                + " from "
                + Version
                + ", which "
                + runtime
                + " lacks";
        }
        if (library.SymbolsOf(missing[0].Index).Any(symbol => library.IsRelocated(symbol.Number)))
        {
            return Library + " uses " + Symbol + " of " + Version + ", which " + runtime + " lacks";
        }
        library.MarkWeak(missing[0]);
        library.WriteTo(Relaxed);
        return "relaxed";
    }

    private sealed class Requirement
    {
        public string File;
        public string Version;
        public int Index;
        public int FlagsAt;
    }

    private sealed class Symbols
    {
        public string Name;
        public int Number;
    }

    private sealed class Section
    {
        public int Type;
        public int Link;
        public int Count;
        public int Offset;
        public int Size;
    }

    // A 64-bit little-endian ELF file, by its section headers.
    private sealed class Elf
    {
        private const int SymbolTable = 11;
        private const int Relocations = 4;
        private const int VersionsDefined = 0x6ffffffd;
        private const int VersionsNeeded = 0x6ffffffe;
        private const int VersionsOfSymbols = 0x6fffffff;
        private const ushort Weak = 2;

        private readonly string path;
        private readonly byte[] bytes;
        private readonly List<Section> sections = new List<Section>();

        public Elf(string path)
        {
            this.path = path;
            bytes = File.ReadAllBytes(path);
            if (bytes.Length < 64 || Int(0) != 0x464c457f || bytes[4] != 2 || bytes[5] != 1)
            {
                throw new InvalidDataException(path + " is no 64-bit little-endian ELF file");
            }
            int start = Place(40),
                size = Short(58),
                count = Short(60);
            for (var header = 0; header < count; header++)
            {
                var at = start + header * size;
                sections.Add(
                    new Section
                    {
                        Type = Int(at + 4),
                        Link = Int(at + 40),
                        Count = Int(at + 44),
                        Offset = Place(at + 24),
                        Size = Place(at + 32),
                    }
                );
            }
        }

        public HashSet<string> DefinedVersions()
        {
            var versions = new HashSet<string>(StringComparer.Ordinal);
            var section = Only(VersionsDefined);
            var at = section.Offset;
            for (var entry = 0; entry < section.Count; entry++)
            {
                versions.Add(Name(section, Int(at + Int(at + 12))));
                at += Int(at + 16);
            }
            return versions;
        }

        public List<Requirement> Requirements()
        {
            var needs = new List<Requirement>();
            var section = Only(VersionsNeeded);
            var at = section.Offset;
            for (var entry = 0; entry < section.Count; entry++)
            {
                var (file, version) = (Name(section, Int(at + 4)), at + Int(at + 8));
                for (var item = 0; item < Short(at + 2); item++)
                {
                    if ((Short(version + 4) & Weak) == 0)
                    {
                        needs.Add(
                            new Requirement
                            {
                                File = file,
                                Version = Name(section, Int(version + 8)),
                                Index = Short(version + 6),
                                FlagsAt = version + 4,
                            }
                        );
                    }
                    version += Int(version + 12);
                }
                at += Int(at + 12);
            }
            return needs;
        }

        public IEnumerable<Symbols> SymbolsOf(int version)
        {
            Section table = Only(SymbolTable),
                versions = Only(VersionsOfSymbols);
            for (var number = 0; number < versions.Size / 2; number++)
            {
                if ((Short(versions.Offset + 2 * number) & 0x7fff) == version)
                {
                    yield return new Symbols { Name = Name(table, Int(table.Offset + 24 * number)), Number = number };
                }
            }
        }

        public bool IsRelocated(int symbol)
        {
            return sections
                .Where(section => section.Type == Relocations)
                .Any(section =>
                    Enumerable.Range(0, section.Size / 24).Any(entry => Int(section.Offset + 24 * entry + 12) == symbol)
                );
        }

        public void MarkWeak(Requirement requirement)
        {
            bytes[requirement.FlagsAt] |= (byte)Weak;
        }

        // Never into a file that is there: it may be a link to one that others share.
        public void WriteTo(string target)
        {
            var beside = target + ".new";
            File.Delete(beside);
            File.WriteAllBytes(beside, bytes);
            File.Delete(target);
            File.Move(beside, target);
        }

        private Section Only(int type)
        {
            var found = sections.Where(section => section.Type == type).ToList();
            if (found.Count != 1)
            {
                throw new InvalidDataException(
                    path
                        + " has "
                        + found.Count
                        + " sections of type 0x"
                        + type.ToString("x")
                        + " where one is expected"
                );
            }
            return found[0];
        }

        private string Name(Section section, int offset)
        {
            var start = sections[section.Link].Offset + offset;
            var end = Array.IndexOf(bytes, (byte)0, Checked(start, 1));
            return Encoding.UTF8.GetString(bytes, start, end - start);
        }

        private ushort Short(int at)
        {
            return BitConverter.ToUInt16(bytes, Checked(at, 2));
        }

        private int Int(int at)
        {
            return BitConverter.ToInt32(bytes, Checked(at, 4));
        }

        private int Place(int at)
        {
            return (int)Math.Min(BitConverter.ToUInt64(bytes, Checked(at, 8)), int.MaxValue);
        }

        private int Checked(int at, int size)
        {
            if (at < 0 || at > bytes.Length - size)
            {
                throw new InvalidDataException(path + " is damaged: it points beyond its end");
            }
            return at;
        }
    }
}
