#nullable disable // TorchSharp declares its optimisers without nullable annotations.
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>RMSProp (Tieleman and Hinton 2012), centred if asked (Graves 2013).</summary>
public class RMSProp : OptimizerHelper, optim.IMomentum
{
    private readonly Options defaults;

    public RMSProp(
        IEnumerable<Parameter> parameters,
        double lr = 1e-3,
        double alpha = 0.99,
        double eps = 1e-8,
        double weight_decay = 0,
        double momentum = 0,
        bool centered = false,
        bool maximize = false
    )
        : this([new ParamGroup { Parameters = parameters }], lr, alpha, eps, weight_decay, momentum, centered, maximize)
    { }

    public RMSProp(
        IEnumerable<ParamGroup> parameters,
        double lr = 1e-3,
        double alpha = 0.99,
        double eps = 1e-8,
        double weight_decay = 0,
        double momentum = 0,
        bool centered = false,
        bool maximize = false
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lr);
        ArgumentOutOfRangeException.ThrowIfNegative(alpha);
        ArgumentOutOfRangeException.ThrowIfNegative(eps);
        ArgumentOutOfRangeException.ThrowIfNegative(weight_decay);
        ArgumentOutOfRangeException.ThrowIfNegative(momentum);
        defaults = new Options
        {
            LearningRate = lr,
            InitialLearningRate = lr,
            alpha = alpha,
            eps = eps,
            weight_decay = weight_decay,
            momentum = momentum,
            centered = centered,
            maximize = maximize,
        };
        foreach (var group in parameters)
        {
            add_param_group(group);
        }
    }

    public double Momentum
    {
        get => defaults.momentum.Value;
        set => defaults.momentum = value;
    }

    internal override OptimizerOptions Defaults => defaults;

    internal override OptimizerOptions NewOptions() => new Options();

    internal override OptimizerState NewState(Parameter parameter) => new State(parameter);

    public override Tensor step(Func<Tensor> closure = null) => _step<ParamGroup>(Update, closure);

    private void Update(ParamGroup group)
    {
        var options = group.Options;
        var (parameters, gradients, states) = Active<State>(group);
        if (parameters.Length == 0)
        {
            return;
        }
        if (options.maximize.Value)
        {
            gradients = Foreach.Negate(gradients);
        }
        if (options.weight_decay.Value != 0)
        {
            gradients = Foreach.Add(gradients, parameters, options.weight_decay.Value);
        }
        foreach (var state in states)
        {
            state.step++;
        }
        var (alpha, momentum, rate) = (options.alpha.Value, options.momentum.Value, options.LearningRate.Value);
        var squares = Array.ConvertAll(states, state => state.square_avg);
        Foreach.MultiplyInPlace(squares, alpha);
        Foreach.AddProductsInPlace(squares, gradients, gradients, 1 - alpha);
        Tensor[] deviations;
        if (options.centered.Value)
        {
            var means = Array.ConvertAll(states, state => state.grad_avg);
            Foreach.MultiplyInPlace(means, alpha);
            Foreach.AddInPlace(means, gradients, 1 - alpha);
            deviations = Foreach.AddProducts(squares, means, means, -1);
            Foreach.SquareRootsInPlace(deviations);
        }
        else
        {
            deviations = Foreach.SquareRoots(squares);
        }
        Foreach.AddInPlace(deviations, options.eps.Value);
        if (momentum > 0)
        {
            var buffers = Array.ConvertAll(states, state => state.momentum_buffer);
            Foreach.MultiplyInPlace(buffers, momentum);
            Foreach.AddQuotientsInPlace(buffers, gradients, deviations, 1);
            Foreach.AddInPlace(parameters, buffers, -rate);
        }
        else
        {
            Foreach.AddQuotientsInPlace(parameters, gradients, deviations, -rate);
        }
    }

    /// <summary>The settings of a group.</summary>
    public class Options : OptimizerOptions
    {
        public bool? maximize;
        public double? momentum;
        public double? alpha;
        public double? eps;
        public double? weight_decay;
        public bool? centered;

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            writer.Write(maximize.Value);
            writer.Write(momentum.Value);
            writer.Write(alpha.Value);
            writer.Write(eps.Value);
            writer.Write(weight_decay.Value);
            writer.Write(centered.Value);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            maximize = reader.ReadBoolean();
            momentum = reader.ReadDouble();
            alpha = reader.ReadDouble();
            eps = reader.ReadDouble();
            weight_decay = reader.ReadDouble();
            centered = reader.ReadBoolean();
        }

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var other = (Options)source;
            maximize = other.maximize;
            momentum = other.momentum;
            alpha = other.alpha;
            eps = other.eps;
            weight_decay = other.weight_decay;
            centered = other.centered;
        }

        internal override void FillFrom(OptimizerOptions defaults)
        {
            base.FillFrom(defaults);
            var other = (Options)defaults;
            maximize ??= other.maximize;
            momentum ??= other.momentum;
            alpha ??= other.alpha;
            eps ??= other.eps;
            weight_decay ??= other.weight_decay;
            centered ??= other.centered;
        }
    }

    /// <summary>Parameters with settings of their own.</summary>
    public class ParamGroup : ParamGroup<Options>, optim.IMomentum
    {
        public ParamGroup() { }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options)
            : base(parameters, options) { }

        public ParamGroup(
            IEnumerable<Parameter> parameters,
            double lr = 1e-3,
            double eps = 1e-8,
            double alpha = 0.99,
            double weight_decay = 0,
            double momentum = 0,
            bool centered = false
        )
            : base(
                parameters,
                new Options
                {
                    LearningRate = lr,
                    eps = eps,
                    alpha = alpha,
                    weight_decay = weight_decay,
                    momentum = momentum,
                    centered = centered,
                }
            ) { }

        public double Momentum
        {
            get => Options.momentum.Value;
            set => Options.momentum = value;
        }
    }

    /// <summary>What is remembered of a parameter.</summary>
    public sealed class State : OptimizerState, IDisposable
    {
        public long step;
        public Tensor square_avg;
        public Tensor momentum_buffer;
        public Tensor grad_avg;

        public State(Parameter parameter)
            : base(parameter) { }

        public override void Initialize(OptimizerOptions options)
        {
            step = 0;
            square_avg = zeros_like(parameter).DetachFromDisposeScope();
            momentum_buffer = zeros_like(parameter).DetachFromDisposeScope();
            grad_avg = zeros_like(parameter).DetachFromDisposeScope();
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            Save(writer, square_avg);
            SaveConditionalStateTensor(writer, momentum_buffer);
            SaveConditionalStateTensor(writer, grad_avg);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            Load(reader, ref square_avg, parameter.device);
            LoadConditionalStateTensor(reader, ref momentum_buffer, parameter.device);
            LoadConditionalStateTensor(reader, ref grad_avg, parameter.device);
        }

        public override void LoadStateDict(OptimizerState source)
        {
            var other = (State)source;
            step = other.step;
            Take(ref square_avg, other.square_avg);
            Take(ref momentum_buffer, other.momentum_buffer);
            Take(ref grad_avg, other.grad_avg);
        }

        public override bool ApproximatelyEquals(OptimizerState other) =>
            other is State state
            && step == state.step
            && Close(square_avg, state.square_avg)
            && Close(momentum_buffer, state.momentum_buffer)
            && Close(grad_avg, state.grad_avg);

        public override void to(Device device)
        {
            Move(ref square_avg, device);
            Move(ref momentum_buffer, device);
            Move(ref grad_avg, device);
        }

        public void Dispose()
        {
            square_avg?.Dispose();
            momentum_buffer?.Dispose();
            grad_avg?.Dispose();
        }
    }
}
