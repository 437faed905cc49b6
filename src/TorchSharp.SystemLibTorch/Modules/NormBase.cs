using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What batch and instance normalisation share: scale, shift and running statistics of each channel.</summary>
public abstract class NormBase : nn.Module<Tensor, Tensor>
{
    private static readonly Operator AddInPlace = new("aten::add_", "Scalar");

    [ComponentName(Name = nameof(weight))]
    private Parameter? _weight;

    [ComponentName(Name = nameof(bias))]
    private Parameter? _bias;

    [ComponentName(Name = nameof(running_mean))]
    private Tensor? _running_mean;

    [ComponentName(Name = nameof(running_var))]
    private Tensor? _running_var;

    [ComponentName(Name = nameof(num_batches_tracked))]
    private Tensor? _num_batches_tracked;

    private protected NormBase(
        long num_features,
        double eps,
        double? momentum,
        bool affine,
        bool track_running_stats,
        Device? device,
        ScalarType? dtype,
        string name
    )
        : base(name)
    {
        this.num_features = num_features;
        this.eps = eps;
        this.momentum = momentum;
        this.affine = affine;
        this.track_running_stats = track_running_stats;
        if (affine)
        {
            _weight = new Parameter(empty([num_features], dtype, device));
            _bias = new Parameter(empty([num_features], dtype, device));
        }
        if (track_running_stats)
        {
            _running_mean = empty([num_features], dtype, device);
            _running_var = empty([num_features], dtype, device);
            _num_batches_tracked = empty([], ScalarType.Int64, device);
        }
        reset_parameters();
        RegisterComponents();
    }

    public long num_features { get; }

    public double eps { get; set; }

    public double? momentum { get; set; }

    public bool affine { get; }

    public bool track_running_stats { get; }

    public Parameter weight
    {
        get => _weight!;
        set
        {
            _weight = value;
            ConditionallyRegisterParameter(nameof(weight), value);
        }
    }

    public Parameter? bias
    {
        get => _bias;
        set
        {
            _bias = value;
            ConditionallyRegisterParameter(nameof(bias), value);
        }
    }

    public Tensor? running_mean
    {
        get => _running_mean;
        set
        {
            _running_mean = value;
            ConditionallyRegisterBuffer(nameof(running_mean), value);
        }
    }

    public Tensor? running_var
    {
        get => _running_var;
        set
        {
            _running_var = value;
            ConditionallyRegisterBuffer(nameof(running_var), value);
        }
    }

    public Tensor? num_batches_tracked
    {
        get => _num_batches_tracked;
        set
        {
            _num_batches_tracked = value;
            ConditionallyRegisterBuffer(nameof(num_batches_tracked), value);
        }
    }

    public void reset_running_stats()
    {
        if (!track_running_stats)
        {
            return;
        }
        nn.init.Fill(_running_mean!, 0);
        nn.init.Fill(_running_var!, 1);
        nn.init.Fill(_num_batches_tracked!, 0);
    }

    public void reset_parameters()
    {
        reset_running_stats();
        nn.init.OnesAndZeros(_weight, _bias);
    }

    protected abstract void ValidateInputDimensions(Tensor input);

    /// <summary>Counts the batch; the weight of its statistics in the running ones, a plain mean without a momentum.</summary>
    private protected double Track()
    {
        if (!training || !track_running_stats)
        {
            return momentum ?? 0;
        }
        using (no_grad())
        {
            AddInPlace.InvokeVoid(_num_batches_tracked, 1L);
        }
        return momentum ?? 1.0 / _num_batches_tracked!.item<long>();
    }
}
