using TransferLearning.Adversarial;
using TransferLearning.Augmentation;
using TransferLearning.Network;
using TransferLearning.Predictors;
using TransferLearning.Training;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace TransferLearning.Tests.LifetimeHost;

/// <summary>
/// What a caller brings to a run: small domains by formula, networks, and the event at which the run is disturbed.
/// </summary>
internal sealed class Setting : IDisposable
{
    /// <summary>How many features rows have, and how many a network makes of them.</summary>
    public const int Width = 6;

    private readonly List<IDisposable> owned = [];
    private readonly List<Tensor> tensors = [];
    private readonly List<IDisposable> descriptions = [];
    private readonly CancellationTokenSource stop = new();
    private ModulePart? extractor;
    private ModulePart? predictor;
    private int events;

    /// <summary>Who looks on, besides what disturbs.</summary>
    public List<ITrainingObserver> Observers { get; } = [];

    /// <summary>After how many events the run is disturbed; 0 for never.</summary>
    public int DisturbedAt { get; set; }

    /// <summary>Whether it is canceled then; otherwise an exception is thrown.</summary>
    public bool IsCanceled { get; set; }

    /// <summary>Whether labels are values.</summary>
    public bool HasValues { get; set; }

    /// <summary>Whether a row may have any of two labels.</summary>
    public bool HasLabels { get; set; }

    /// <summary>Whether labels are two keypoints, which a network reads off heatmaps of 3 by 3 cells.</summary>
    public bool HasKeypoints { get; set; }

    /// <summary>Whether there is a class for unknown rows, which no source row has.</summary>
    public bool HasUnknown { get; set; }

    /// <summary>Whether the predictor reads rows beside their domain.</summary>
    public bool IsMarginal { get; set; }

    /// <summary>Whether inputs are images <c>[n, 1, 8, 8]</c>.</summary>
    public bool HasImages { get; set; }

    /// <summary>How many rows a step takes of each domain.</summary>
    public int BatchSize { get; set; } = 4;

    /// <summary>How many sources there are.</summary>
    public int SourceCount { get; set; } = 1;

    /// <summary>Whether each source has a branch of its own.</summary>
    public bool HasBranches { get; set; }

    /// <summary>Whether each source has a head of its own.</summary>
    public bool HasHeads { get; set; }

    /// <summary>The type of the inputs: what is float64 already is not copied by a conversion to it.</summary>
    public ScalarType Type { get; set; } = ScalarType.Float32;

    /// <summary>Where the caller's tensors and modules are; null for the CPU.</summary>
    public Device? Device { get; init; }

    /// <summary>Whether extractors drop out; each kind of device has draws of its own.</summary>
    public bool HasDropout { get; init; } = true;

    /// <summary>Whether extractors normalize by the statistics of their batches.</summary>
    public bool HasNormalization { get; init; } = true;

    /// <summary>
    /// Whether no feature is a combination of the others, so that no method divides by a variance of 0.
    /// </summary>
    public bool IsOfFullRank { get; init; }

    /// <summary>How far inputs are moved, relative to themselves: what another way to round does.</summary>
    public double Noise { get; init; }

    /// <summary>Canceled at the event, where <see cref="IsCanceled"/>.</summary>
    public CancellationToken Cancellation => stop.Token;

    /// <summary>Something has happened in the middle of the run.</summary>
    public void Happens()
    {
        if (++events != DisturbedAt)
        {
            return;
        }
        if (!IsCanceled)
        {
            throw new DisturbanceException();
        }
        stop.Cancel();
    }

    public Tensor Kept(Tensor tensor)
    {
        var kept = Device is null ? tensor : tensor.to(Device, disposeAfter: true).DetachFromDisposeScope();
        tensors.Add(kept);
        return kept;
    }

    /// <summary>Whether a tensor is the caller's.</summary>
    public bool Keeps(Tensor tensor) => tensors.Exists(kept => ReferenceEquals(kept, tensor));

    public T Owned<T>(T thing)
        where T : IDisposable
    {
        owned.Add(thing);
        return thing;
    }

    /// <summary>Labeled rows; <paramref name="start"/> tells domains apart.</summary>
    public LabeledDomain Domain(long rows, double start)
    {
        using var scope = NewDisposeScope();
        var (inputs, classes) = Rows(rows, start);
        var labels =
            HasKeypoints ? inputs.reshape(rows, -1).narrow(1, 0, 4).sigmoid()
            : HasValues ? inputs.reshape(rows, -1).narrow(1, 0, 2).sum(1)
            : HasLabels ? nn.functional.one_hot(classes, 2).to(Type)
            : classes;
        return new LabeledDomain(
            Kept(inputs.MoveToOuterDisposeScope()),
            Kept(labels.MoveToOuterDisposeScope()),
            space: Space
        );
    }

    /// <summary>What labels are: two classes where nothing else is asked for.</summary>
    public LabelSpace Space =>
        HasKeypoints ? LabelSpace.Values(4)
        : HasValues ? LabelSpace.Values(1)
        : HasLabels ? LabelSpace.MultiLabel(2)
        : HasUnknown ? LabelSpace.Classes(2).WithUnknown()
        : LabelSpace.Classes(2);

    public IReadOnlyList<LabeledDomain> Sources() =>
        [.. Enumerable.Range(0, SourceCount).Select(i => Domain(24, 0.3 * i))];

    public LabeledDomain Few() => Domain(10, 1.4);

    public UnlabeledDomain Target()
    {
        using var scope = NewDisposeScope();
        return new UnlabeledDomain(Kept(Rows(20, 1).Inputs.MoveToOuterDisposeScope()));
    }

    /// <summary>Binary attributes of the two classes.</summary>
    public ClassDescriptions Descriptions() =>
        new(
            Kept(
                tensor(
                    new float[,]
                    {
                        { 1, 0, 1 },
                        { 0, 1, 1 },
                    }
                )
            )
        );

    public ModulePart Extractor() =>
        extractor
        ?? Part(() =>
            HasImages
                ? nn.Sequential(nn.Flatten(), nn.Linear(64, Width), nn.Tanh())
                : nn.Sequential(
                    nn.Linear(Width, Width),
                    HasNormalization ? nn.BatchNorm1d(Width) : nn.Identity(),
                    nn.Tanh(),
                    nn.Dropout(HasDropout ? 0.1 : 0)
                )
        );

    public ModulePart Predictor() =>
        predictor
        ?? Part(() =>
            HasKeypoints
                ? nn.Sequential(nn.Linear(Width, 2 * 3 * 3), nn.Unflatten(1, [2, 3, 3]))
                : nn.Linear(Width, Space.Width)
        );

    /// <summary>The layer that <see cref="Styled"/> made.</summary>
    public nn.Module<Tensor, Tensor>? StyleLayer { get; private set; }

    /// <summary>A layer of channels over places, inside what has to be the training's extractor.</summary>
    public nn.Module<Tensor, Tensor> Styled()
    {
        var layer = nn.Conv1d(2, 2, 1);
        extractor = Part(() =>
            nn.Sequential(nn.Unflatten(1, [2, Width / 2]), layer, nn.Flatten(), nn.Linear(Width, Width))
        );
        return StyleLayer = layer;
    }

    /// <summary>A module that has to be the training's predictor.</summary>
    public T Predicting<T>(Func<T> build)
        where T : nn.Module<Tensor, Tensor>
    {
        predictor = Part(build);
        return (T)predictor.Module;
    }

    /// <summary>An extractor with an adapter in it.</summary>
    public ModulePart Adapted() =>
        Part(() => nn.Sequential(nn.Linear(Width, Width), new BottleneckAdapter(Width, 2), nn.Tanh()));

    public ModulePart Critic() => Part(() => nn.Linear(Width, 1));

    public ModulePart Part(Func<nn.Module<Tensor, Tensor>> build) =>
        Owned(
            new ModulePart(() =>
            {
                var module = build();
                if (Type == ScalarType.Float64)
                {
                    module.to(Type);
                }
                return Device is null ? module : module.to(Device);
            })
        );

    /// <summary>A model by a network with batch normalization.</summary>
    public AdaptedModel Model() => Owned(new AdaptedModel(Extractor(), Predictor()));

    /// <summary>Similarities of two classes.</summary>
    public Tensor Similarities()
    {
        using var scope = NewDisposeScope();
        return Kept(full([2, 2], 0.5, Type).MoveToOuterDisposeScope());
    }

    public FitContext Context() =>
        new()
        {
            Key = new RandomKey(1),
            Cancellation = Cancellation,
            Progress = new Reported<double>(this),
        };

    public IProgress<TrainingProgress> Progress() => new Reported<TrainingProgress>(this);

    public FitOptions Options() =>
        new()
        {
            Seed = 1,
            Observers = [new Observed(this), .. Observers],
            Training = new TrainingOptions { Steps = 3, BatchSize = BatchSize },
        };

    /// <summary>All inputs' bytes.</summary>
    public byte[] Bits()
    {
        using var scope = NewDisposeScope();
        return [.. tensors.SelectMany(tensor => tensor.detach().contiguous().bytes.ToArray())];
    }

    /// <summary>
    /// Something of the library's that the caller made: disposed as soon as the run is over. Modules are the caller's
    /// parts.
    /// </summary>
    public object? Described(object? made)
    {
        if (made is IDisposable disposable && !MadeBeforehand(made))
        {
            descriptions.Add(disposable);
        }
        return made;
    }

    // What holds tensors from when it is made lives as long as the setting.
    private static bool MadeBeforehand(object made) =>
        made
            is ModulePart
                or RandomizedMultilinearMap
                or ILearnedView
                or nn.Module
                or ElasticWeightConsolidation
                or UncertaintyWeighting
                or LinearPredictor
                or ForestPredictor;

    /// <summary>Disposes the descriptions.</summary>
    public void DisposeDescriptions() => descriptions.ForEach(made => made.Dispose());

    public void Dispose()
    {
        owned.ForEach(thing => thing.Dispose());
        tensors.ForEach(tensor => tensor.Dispose());
        stop.Dispose();
    }

    /// <summary>Rows made fit for comparisons of figures, where that is asked for.</summary>
    /// <param name="rows">Rows by a formula, float64.</param>
    /// <param name="numbers">The running number of each entry.</param>
    public Tensor Moved(Tensor rows, Tensor numbers)
    {
        var full = IsOfFullRank ? rows + ((numbers.square() * 0.37).sin() * 0.7) : rows;
        return Noise > 0 ? full * (1 + ((numbers * 7.7).sin() * Noise)) : full;
    }

    private (Tensor Inputs, Tensor Classes) Rows(long rows, double start)
    {
        var d = HasImages ? 64 : Width;
        var classes = arange(rows, dtype: int64).remainder(2);
        var k = arange(rows * d, dtype: float64).reshape(rows, d);
        var inputs = Moved(((k * 1.3) + start).sin() + (classes.to(float64) * 2).unsqueeze(1) + start, k);
        return ((HasImages ? inputs.reshape(rows, 1, 8, 8) : inputs).to(Type), classes);
    }

    private sealed class Reported<T>(Setting setting) : IProgress<T>
    {
        public void Report(T value) => setting.Happens();
    }

    private sealed class Observed(Setting setting) : ITrainingObserver
    {
        public void OnStep(StepReport report) => setting.Happens();
    }
}
