using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// Training and evaluation modes, module by module, and whose wish a module's rest is: its owner's or the library's.
/// </summary>
internal static class Modes
{
    // What the library put to rest. Whatever else is in evaluation mode, its owner wants there: his own eval() on a
    // layer.
    private static readonly ConditionalWeakTable<nn.Module, object> Rested = [];

    /// <summary>A module and everything inside it, outer modules before inner ones.</summary>
    public static IEnumerable<nn.Module> Of(nn.Module module) => module.modules().Prepend(module);

    /// <summary>Every module's mode.</summary>
    public static List<(nn.Module Module, bool IsTraining)> Now(nn.Module module) =>
        [.. Of(module).Select(inner => (inner, inner.training))];

    /// <summary>
    /// Gives modules the modes that they had, or are to have. A module's mode reaches inside, so outer ones come first.
    /// </summary>
    public static void Set(IReadOnlyList<(nn.Module Module, bool IsTraining)> modes)
    {
        // One mode may reach over another that was right already: all are set, unless all are right.
        if (modes.Any(mode => mode.Module.training != mode.IsTraining))
        {
            foreach (var (module, isTraining) in modes)
            {
                module.train(isTraining);
            }
        }
    }

    /// <summary>Puts a module into evaluation mode for as long as nobody trains it.</summary>
    public static void Rest(nn.Module module)
    {
        var training = Of(module).Where(inner => inner.training).ToList();
        training.ForEach(inner => Rested.TryAdd(inner, inner));
        if (training.Count > 0)
        {
            module.eval();
        }
    }

    /// <summary>Puts a module into training mode, except for what its owner put into evaluation mode.</summary>
    public static void Wake(nn.Module module)
    {
        var all = Of(module).ToList();
        var resting = new HashSet<nn.Module>(all.Where(IsOwnersRest), ReferenceEqualityComparer.Instance);
        Train(module, resting);
        Set([.. all.Select(inner => (inner, inner.training && !resting.Contains(inner)))]);
        all.ForEach(inner => Rested.Remove(inner));
    }

    /// <summary>Gives a module what its owner put to rest in another one of the same architecture.</summary>
    public static void Copy(nn.Module from, nn.Module to) =>
        Set([.. Of(from).Zip(Of(to), (model, copy) => (copy, copy.training && !IsOwnersRest(model)))]);

    /// <summary>Whether a module's owner put it into evaluation mode.</summary>
    public static bool IsOwnersRest(nn.Module module) => !module.training && !Rested.TryGetValue(module, out _);

    // By the outermost modules that may train, so that a module's own idea of train(), to spare a layer for instance,
    // holds.
    private static void Train(nn.Module module, HashSet<nn.Module> resting)
    {
        if (!resting.Contains(module))
        {
            module.train();
            return;
        }
        foreach (var child in module.children())
        {
            Train(child, resting);
        }
    }
}
