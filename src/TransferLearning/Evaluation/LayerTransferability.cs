using TransferLearning.Internal;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>
/// How transferable each layer of a network is: networks get the first n layers of one that was trained on the same or
/// on another task, frozen or tuned, and learn the rest anew.
/// </summary>
/// <remarks>
/// <para>
/// The experiment of Yosinski, Clune, Bengio and Lipson 2014, "How Transferable Are Features in Deep Neural Networks?".
/// A network of the other task A and one of the task B are trained; then, for every n, four networks of B: with the
/// first n layers of B's own network ("BnB" frozen, "BnB+" tuned) and with those of A's ("AnB", "AnB+"). What BnB loses
/// against B's own network is that layers had adapted to each other; what AnB loses against BnB is that the layers are
/// specific to A's task; what AnB+ gains is what A's rows add.
/// </para>
/// <para>
/// Layers are the extractor's direct children that have parameters (<see cref="LayerTransfer"/>); the head is always
/// new. Networks of one n and one seed start from the same drawn values above the copied layers and see the same
/// batches, so that they differ by the treatment alone. Costs <c>2 + 4 n</c> trainings a seed.
/// </para>
/// </remarks>
public sealed class LayerTransferability
{
    /// <summary>Labeled rows of the other task A.</summary>
    public required LabeledDomain Other { get; init; }

    /// <summary>Labeled rows of the task B, of rows of the same shape.</summary>
    public required LabeledDomain Task { get; init; }

    /// <summary>Rows of the task B that no training sees, by which networks are judged.</summary>
    public required LabeledDomain Judged { get; init; }

    /// <summary>Makes the extractor, new and with newly drawn values each time.</summary>
    public required Func<nn.Module<Tensor, Tensor>> Extractor { get; init; }

    /// <summary>Makes the head for a number of classes, new each time.</summary>
    public required Func<long, nn.Module<Tensor, Tensor>> Head { get; init; }

    /// <summary>The numbers of layers n to copy; null, the default, for 1 to all.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>The seeds; all networks are trained once for each. Default 0.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [0];

    /// <summary>Trains and judges all networks.</summary>
    /// <param name="options">Options of all fits, the seed excepted; null for the defaults. No checkpoints.</param>
    /// <param name="progress">Hears the share of the trainings that is done, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>The curves.</returns>
    /// <exception cref="ArgumentException">
    /// Labels are values, the judged rows are of other classes than the task's, a number of layers or a seed is missing
    /// or stands twice, or checkpoints are asked for.
    /// </exception>
    /// <exception cref="InvalidAdaptationException">The network does not fit the rows.</exception>
    /// <exception cref="OperationCanceledException">The run was canceled.</exception>
    public LayerTransferabilityResult Run(
        FitOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new FitOptions();
        using var randomness = new GlobalRandomness();
        var counts = Checked(options);
        var own = new List<AccuracyInterval>();
        var fits = new Dictionary<(LayerTreatment Treatment, int Layers), List<AccuracyInterval>>();
        var (done, all) = (0, Seeds.Count * (2 + (4 * counts.Count)));
        foreach (var seed in Seeds)
        {
            var key = new RandomKey(seed);
            using var other = Made(key.Child(-1));
            using var self = Made(key.Child(-2));
            _ = Trained(other, Other, null, null, key.Child(-1), options, cancellationToken);
            progress?.Report((double)++done / all);
            own.Add(Trained(self, Task, Judged, null, key.Child(-2), options, cancellationToken));
            progress?.Report((double)++done / all);
            foreach (var layers in counts)
            {
                foreach (var treatment in Enum.GetValues<LayerTreatment>())
                {
                    var isSelf = treatment is LayerTreatment.SelfFrozen or LayerTreatment.SelfTuned;
                    var plan = new LayerTransfer(layers)
                    {
                        Freezes = treatment is LayerTreatment.SelfFrozen or LayerTreatment.OtherFrozen,
                    };
                    using var network = Made(key.Child(layers));
                    plan.Copy((isSelf ? self : other).Module, network.Module);
                    var fit = Trained(network, Task, Judged, plan, key.Child(layers), options, cancellationToken);
                    if (!fits.TryGetValue((treatment, layers), out var known))
                    {
                        fits[(treatment, layers)] = known = [];
                    }
                    known.Add(fit);
                    progress?.Report((double)++done / all);
                }
            }
        }
        return new LayerTransferabilityResult(
            [.. Seeds],
            own,
            [.. fits.Select(pair => new LayerTransferPoint(pair.Key.Treatment, pair.Key.Layers, pair.Value))]
        );
    }

    private ModulePart Made(RandomKey key)
    {
        GlobalRandomness.Seed(key);
        return new ModulePart(Extractor);
    }

    private AccuracyInterval Trained(
        ModulePart extractor,
        LabeledDomain rows,
        LabeledDomain? judged,
        LayerTransfer? plan,
        RandomKey key,
        FitOptions options,
        CancellationToken stop
    )
    {
        stop.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using var head = new ModulePart(() => Head(rows.Space.Width));
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                head,
                net =>
                {
                    net.Minimize(new CrossEntropy());
                    if (plan is not null)
                    {
                        net.Optimize(extractor, plan: plan);
                    }
                }
            )
            .FitWithoutTarget([rows], options with { Seed = key.Seed }, cancellationToken: stop);
        return judged is null ? default : JudgedAccuracy.Of(model, judged, DomainId.Target, stop);
    }

    private IReadOnlyList<int> Checked(FitOptions options)
    {
        ArgumentNullException.ThrowIfNull(Other);
        ArgumentNullException.ThrowIfNull(Task);
        ArgumentNullException.ThrowIfNull(Judged);
        ArgumentNullException.ThrowIfNull(Extractor);
        ArgumentNullException.ThrowIfNull(Head);
        foreach (var (name, domain) in new[] { (nameof(Other), Other), (nameof(Task), Task), (nameof(Judged), Judged) })
        {
            if (!domain.Space.IsClasses)
            {
                throw new ArgumentException($"an accuracy is of classes; {name} has {domain.Space}.");
            }
        }
        if (Judged.Space != Task.Space)
        {
            throw new ArgumentException(
                $"Judged must have the classes of Task, {Task.Space}; its labels are {Judged.Space}."
            );
        }
        if (Seeds.Count == 0 || Seeds.Distinct().Count() < Seeds.Count)
        {
            throw new ArgumentException(
                $"Seeds must be at least one, each once, because each is a set of networks; got "
                    + $"{string.Join(", ", Seeds)}."
            );
        }
        SeveralFits.RefuseCheckpoints(options);
        using var tried = Made(new RandomKey(0));
        var most = tried.Module.children().Count(child => child.parameters().Any());
        var counts = Layers ?? [.. Enumerable.Range(1, most)];
        return counts.Count > 0 && counts.Distinct().Count() == counts.Count && counts.All(n => n >= 1 && n <= most)
            ? counts
            : throw new ArgumentException(
                $"Layers must be numbers from 1 to {most}, how many direct children with parameters the extractor has, "
                    + $"each once; got {string.Join(", ", counts)}."
            );
    }
}
