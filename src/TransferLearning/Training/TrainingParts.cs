using System.Runtime.CompilerServices;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>What a network training is made of.</summary>
internal static class TrainingParts
{
    /// <summary>Trainable parts are the same where their modules are.</summary>
    public static IEqualityComparer<ITrainable> ByModule { get; } =
        EqualityComparer<ITrainable>.Create(
            (one, other) => ReferenceEquals(one?.Module, other?.Module),
            part => RuntimeHelpers.GetHashCode(part.Module)
        );

    /// <summary>The parts that a phase moves, those inside them, and their modules, by reference.</summary>
    public static HashSet<object> MovedBy(TrainingPhase phase)
    {
        var parts = phase.Moved.SelectMany(part => part.WithInner()).ToList();
        return new(
            parts.Concat<object>(parts.OfType<ITrainable>().Select(part => part.Module)),
            ReferenceEqualityComparer.Instance
        );
    }

    /// <summary>The trainable parts inside some parts, each module once.</summary>
    public static List<ITrainable> Trainables(IEnumerable<IPart> parts) =>
        [
            .. parts
                .SelectMany(part => part.WithInner())
                .OfType<ITrainable>()
                .DistinctBy(part => part.Module, ReferenceEqualityComparer.Instance),
        ];

    /// <summary>Every part that a training touches: moved, used, or inside an objective.</summary>
    public static IEnumerable<IPart> AllParts(NetworkTraining training) =>
        training
            .Phases.SelectMany(phase => phase.Moved)
            .Append(training.Extractor)
            .Append(training.Predictor)
            .Concat(training.Phases.SelectMany(phase => phase.Objectives).SelectMany(term => PartsOf(term.Objective)))
            .Concat(training.Transforms.SelectMany(PartsOf))
            .Concat(training.Used.SelectMany(PartsOf));

    // What it lists, and what it or a description inside it holds without listing: its device, mode and state count
    // too. A hook calls the hooks that it holds itself, and keeps their state.
    private static IEnumerable<IPart> PartsOf(IPart part) =>
        ((part as IObjective)?.Parts ?? [])
            .Prepend(part)
            .Concat(
                OptionChecks
                    .Inside(part)
                    .SelectMany(owner =>
                        OptionChecks
                            .Held(owner)
                            .Select(held => held is nn.Module module ? new HeldModule(module) : held as IPart)
                            .OfType<IPart>()
                            .Where(held =>
                                held is ITrainable or IComposite
                                || (held is ITrainingHook && owner is not ITrainingHook)
                                || (held is ICheckpointed && owner is not ICheckpointed)
                            )
                    )
            );

    /// <summary>The critics that objectives oppose the network to, each once.</summary>
    public static IEnumerable<IPart> Critics(NetworkTraining training) =>
        training
            .Phases.SelectMany(phase => phase.Objectives)
            .Select(term => term.Objective)
            .OfType<IJudged>()
            .SelectMany(judged => judged.Critics)
            .Distinct(ReferenceEqualityComparer.Instance)
            .Cast<IPart>();

    // A module that an objective holds as it is.
    private sealed class HeldModule(nn.Module module) : ITrainable
    {
        public nn.Module Module { get; } = module;
    }
}
