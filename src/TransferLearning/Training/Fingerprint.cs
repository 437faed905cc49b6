using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TorchSharp.Modules;
using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// What a run's result follows from, in lines of <c>name = value</c>: its stages with all settings, its training
/// options, its domains.
/// </summary>
/// <remarks>
/// Settings are read by reflection, so that no method has to list its own: properties with a value of their own,
/// constructor parameters and read-only fields. Schedules stand there by five values, optimizers as what they make of
/// the parameters, networks by their architecture and what of them is frozen or at rest, tensors by their hash, row
/// sources by some of their rows. Left out is what a function computes, what a run changes, and what does not change
/// the result: device, log, progress, and observers without state.
/// </remarks>
internal sealed class Fingerprint
{
    private const int MaxDifferences = 5;
    private const long RowsOfASource = 64;
    private const BindingFlags Own =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly SortedDictionary<string, string> lines = new(StringComparer.Ordinal);
    private readonly HashSet<object> open = new(ReferenceEqualityComparer.Instance);
    private IReadOnlyList<Parameter> parameters = [];

    private Fingerprint() { }

    /// <summary>The fingerprint of a run.</summary>
    public static string Of(IReadOnlyList<IAdaptationStage> stages, DomainSet domains, FitOptions options)
    {
        using var scope = NewDisposeScope();
        var print = new Fingerprint();
        for (var i = 0; i < stages.Count; i++)
        {
            print.parameters =
            [
                .. TrainingParts.Trainables(stages[i].Parts).SelectMany(part => part.Module.parameters()),
            ];
            print.Add($"stage {i + 1}", stages[i]);
        }
        print.Add("Training", options.Training);
        print.Add("Observers", options.Observers.OfType<ICheckpointed>().ToArray());
        print.Add("source", domains.Sources.Select(Parts).ToArray());
        print.Add("target", domains.HasTarget ? Rows(domains.Target.Rows) : null);
        if (domains.HasTarget && domains.Target.Sizes.Count > 1)
        {
            print.Add("targets", string.Join(' ', domains.Target.Sizes));
        }
        print.Add("labeled target", domains.LabeledTarget is { } few ? Parts(few) : null);
        print.Add("label space", domains.SourceFreeSpace?.ToString());
        return print.Text();
    }

    /// <summary>The fingerprint of some descriptions by themselves.</summary>
    public static string Of(IReadOnlyList<object> descriptions)
    {
        using var scope = NewDisposeScope();
        var print = new Fingerprint();
        print.Add("described", descriptions);
        return print.Text();
    }

    /// <summary>The differences of two fingerprints in words; empty where there are none.</summary>
    public static string Differences(string saved, string live)
    {
        static Dictionary<string, string> Lines(string text) =>
            text.Split('\n')
                .Select(line => line.Split(" = ", 2))
                .ToDictionary(pair => pair[0], pair => pair[^1], StringComparer.Ordinal);
        var (before, now) = (Lines(saved), Lines(live));
        var different = before
            .Keys.Union(now.Keys, StringComparer.Ordinal)
            .Where(name => before.GetValueOrDefault(name) != now.GetValueOrDefault(name))
            .Order(StringComparer.Ordinal)
            .ToList();
        var told = different
            .Take(MaxDifferences)
            .Select(name =>
                $"{name}: saved {before.GetValueOrDefault(name) ?? "none"}, now {now.GetValueOrDefault(name) ?? "none"}"
            );
        var rest = different.Count - MaxDifferences;
        return string.Join("; ", told) + (rest > 0 ? $"; and {rest} more" : "");
    }

    private string Text() => string.Join('\n', lines.Select(line => $"{line.Key} = {line.Value}"));

    private static object Parts(LabeledDomain domain) =>
        new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["inputs"] = Rows(domain.Rows),
            ["labels"] = domain.Labels,
            ["label space"] = domain.Space.ToString(),
            ["weights"] = domain.Weights,
        };

    // All rows in memory; of others the first, some in between and the last.
    private static object Rows(IRowSource rows)
    {
        if (rows is TensorRows memory)
        {
            return memory.Inputs;
        }
        var count = Math.Min(rows.Count, RowsOfASource);
        var places = Enumerable.Range(0, (int)count).Select(i => i * (rows.Count - 1) / Math.Max(1, count - 1));
        return $"{rows.Count} rows of which {count} {Hash(BatchedPass.Read(rows, tensor(places.ToArray())))}";
    }

    private static string Hash(Tensor value)
    {
        using var scope = NewDisposeScope();
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var rows = value.detach().reshape(value.dim() == 0 ? [1] : value.shape);
        foreach (
            var (start, count) in RowBlocks.Of(rows.shape[0], Math.Max(1, rows.numel() / Math.Max(1, rows.shape[0])))
        )
        {
            using var block = NewDisposeScope();
            sha.AppendData(rows.narrow(0, start, count).cpu().contiguous().bytes);
        }
        return $"{value.dtype} {Shape.Text(value.shape)} #{Convert.ToHexString(sha.GetHashAndReset().AsSpan(0, 6))}";
    }

    // Five values for whoever reads what differs, and all that a thousandth of the training can tell apart.
    private static string Course(Schedule schedule)
    {
        var readable = new[] { 0, 0.25, 0.5, 0.75, 1 }.Select(at =>
            schedule.At(at).ToString("R", CultureInfo.InvariantCulture)
        );
        double[] all = [.. Enumerable.Range(0, 1001).Select(thousandth => schedule.At(thousandth / 1000.0))];
        var hash = SHA256.HashData(MemoryMarshal.AsBytes<double>(all));
        return $"{string.Join(' ', readable)} #{Convert.ToHexString(hash.AsSpan(0, 6))}";
    }

    private void Add(string name, object? value)
    {
        switch (value)
        {
            case null:
                break;
            case string or Enum or IFormattable:
                lines[name] = Convert.ToString(value, CultureInfo.InvariantCulture)!.Replace('\n', ' ');
                break;
            case bool flag:
                lines[name] = flag ? "true" : "false";
                break;
            case Tensor tensor:
                lines[name] = Hash(tensor);
                break;
            case Schedule schedule:
                lines[name] = Course(schedule);
                break;
            case OptimizerFactory factory:
                AddOptimizer(name, factory);
                break;
            case ITrainable part:
                AddNetwork(name, part.Module);
                break;
            case ITuple tuple:
                for (var i = 0; i < tuple.Length; i++)
                {
                    Add($"{name}/{i}", tuple[i]);
                }
                break;
            case IDictionary table:
                foreach (DictionaryEntry entry in table)
                {
                    Add($"{name}/{entry.Key}", entry.Value);
                }
                break;
            case IEnumerable items:
                AddItems(name, items);
                break;
            default:
                AddObject(name, value);
                break;
        }
    }

    // The architecture, and what of it its owner holds back.
    private void AddNetwork(string name, nn.Module module)
    {
        lines[name] = string.Join(
            ", ",
            module.state_dict().Select(pair => $"{pair.Key} {pair.Value.dtype} {Shape.Text(pair.Value.shape)}")
        );
        foreach (var (path, inner) in module.named_modules().Prepend(("itself", module)))
        {
            lines[$"{name}/{path}"] = ModuleSettings.Of(inner);
        }
        var frozen = module.named_parameters().Where(pair => !pair.parameter.requires_grad).Select(pair => pair.name);
        var resting = module.named_modules().Where(pair => Modes.IsOwnersRest(pair.module)).Select(pair => pair.name);
        lines[$"{name}/frozen"] = string.Join(", ", frozen);
        lines[$"{name}/resting"] = string.Join(
            ", ",
            Modes.IsOwnersRest(module) ? resting.Prepend("all of it") : resting
        );
    }

    private void AddItems(string name, IEnumerable items)
    {
        var number = 0;
        foreach (var item in items)
        {
            Add($"{name}/{number++}", item);
        }
        lines[$"{name}/count"] = number.ToString(CultureInfo.InvariantCulture);
    }

    // An optimizer is code: what it makes of the stage's parameters tells its kind and its settings.
    private void AddOptimizer(string name, OptimizerFactory factory)
    {
        var some = parameters.Count > 0 ? parameters : [new Parameter(zeros(1))];
        using var optimizer = factory(some);
        lines[name] = optimizer.GetType().Name;
        var number = 0;
        foreach (var group in optimizer.ParamGroups.OfType<ParamGroup>())
        {
            foreach (var field in group.Options.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public))
            {
                Add($"{name}/{number}/{field.Name}", field.GetValue(group.Options));
            }
            Add($"{name}/{number++}/LearningRate", group.Options.LearningRate);
        }
    }

    private void AddObject(string name, object value)
    {
        var type = value.GetType();
        if (value is Delegate or nn.Module || IsForeign(type) || !open.Add(value))
        {
            return;
        }
        lines[name] = type.Name;
        if (value is NetworkTraining training)
        {
            Add($"{name}/extractor", training.Extractor);
            Add($"{name}/predictor", training.Predictor);
            Add($"{name}/phases", training.Phases);
            Add($"{name}/transforms", training.Transforms);
            Add($"{name}/used", training.Used);
            Add($"{name}/optimizations", training.Optimizations);
            Add($"{name}/options", training.Options);
        }
        else if (value is TrainingPhase phase)
        {
            Add($"{name}/moved", phase.Moved);
            Add($"{name}/objectives", phase.Objectives);
            Add($"{name}/times", phase.Times);
        }
        else
        {
            foreach (var (setting, content) in value is ISavedPart saved ? Saved(saved) : Settings(value, type))
            {
                Add($"{name}/{setting}", content);
            }
            if (value is IComposite composite)
            {
                Add($"{name}/inner", composite.Inner);
            }
        }
        open.Remove(value);
    }

    // Of a platform's or a library's types only the values above are read.
    private static bool IsForeign(Type type) =>
        type.Namespace is { } space
        && (
            space.StartsWith("System", StringComparison.Ordinal)
            || space.StartsWith("Microsoft", StringComparison.Ordinal)
            || space.StartsWith("TorchSharp", StringComparison.Ordinal)
        );

    // Kernels and fitted parts: what they save is all that they are. What is made of networks saves these too; its
    // inner parts tell.
    private static List<(string Name, object? Value)> Saved(ISavedPart part)
    {
        if (part is IComposite)
        {
            return [];
        }
        using var bag = StateBag.ForSaving();
        part.Exchange(bag);
        return [.. bag.Entries.Select(entry => (entry.Key, entry.Value is Tensor tensor ? Hash(tensor) : entry.Value))];
    }

    private static IEnumerable<(string Name, object? Value)> Settings(object value, Type? type)
    {
        for (; type is not null && type != typeof(object); type = type.BaseType)
        {
            foreach (var field in type.GetFields(Own).Where(field => IsSetting(type, field, value is ICheckpointed)))
            {
                yield return (NameOf(field), field.GetValue(value));
            }
        }
    }

    // Automatic properties ("<Name>k__BackingField") that nobody sets later, captured constructor parameters
    // ("<name>P") and read-only fields; but no list or table in a field, nor a tensor of something with state: those a
    // run fills.
    private static bool IsSetting(Type type, FieldInfo field, bool hasState)
    {
        if (field.Name[0] == '<')
        {
            return type.GetProperty(NameOf(field), Own)?.SetMethod is not { IsPublic: false };
        }
        var isFilled =
            (
                field.FieldType.IsClass
                && field.FieldType.Namespace?.StartsWith("System.Collections", StringComparison.Ordinal) == true
            ) || (hasState && field.FieldType == typeof(Tensor));
        return field.IsInitOnly && !isFilled;
    }

    private static string NameOf(FieldInfo field) =>
        field.Name[0] == '<' ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;
}
