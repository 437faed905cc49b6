#nullable disable // TorchSharp declares its optimisers without nullable annotations.
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// What the optimisers share: groups, states by parameter, and their file, which holds the class's name, the numbers of
/// groups and of parameters, then each group's options and each parameter's state.
/// </summary>
public abstract class OptimizerHelper : optim.Optimizer
{
    private readonly Dictionary<Parameter, OptimizerState> states = new(ReferenceEqualityComparer.Instance);

    private protected OptimizerHelper() { }

    public override IEnumerable<Parameter> parameters() => groups.SelectMany(group => group.Parameters);

    public override void add_param_group(ParamGroup param_group)
    {
        param_group.Options ??= NewOptions();
        param_group.Options.FillFrom(Defaults);
        param_group.Parameters = param_group.Parameters.ToArray();
        groups.Add(param_group);
        foreach (var parameter in param_group.Parameters)
        {
            var state = NewState(parameter);
            using (no_grad())
            {
                state.Initialize(param_group.Options);
            }
            states[parameter] = state;
        }
    }

    /// <summary>Fills the gradients with zeros. <c>Module.zero_grad</c> drops them instead, so that no parameter moves by its state alone.</summary>
    public override void zero_grad()
    {
        using var withoutGradient = no_grad();
        using var scope = NewDisposeScope();
        var gradients = parameters().Select(parameter => parameter.grad).OfType<Tensor>().ToArray();
        if (gradients.Length > 0)
        {
            Foreach.ZeroInPlace(gradients);
        }
    }

    public void to(Device device)
    {
        foreach (var state in states.Values)
        {
            state.to(device);
        }
    }

    public virtual StateDictionary state_dict()
    {
        var dictionary = new StateDictionary();
        foreach (var group in groups)
        {
            dictionary.Options.Add(group.Options);
            dictionary.State.AddRange(group.Parameters.Select(parameter => states[parameter]));
        }
        return dictionary;
    }

    public virtual void load_state_dict(StateDictionary state_dict)
    {
        var mine = this.state_dict();
        RefuseOtherCounts(mine, state_dict.Options.Count, state_dict.State.Count);
        foreach (var (options, source) in mine.Options.Zip(state_dict.Options))
        {
            options.LoadStateDict(source);
        }
        foreach (var (state, source) in mine.State.Zip(state_dict.State))
        {
            state.LoadStateDict(source);
        }
    }

    public void save_state_dict(string location)
    {
        using var stream = File.Create(location);
        using var writer = new BinaryWriter(stream);
        save_state_dict(writer);
    }

    public void save_state_dict(BinaryWriter writer)
    {
        var dictionary = state_dict();
        writer.Write(GetType().Name);
        writer.Write7BitEncodedInt(dictionary.Options.Count);
        writer.Write7BitEncodedInt(dictionary.State.Count);
        foreach (var options in dictionary.Options)
        {
            options.SaveStateDict(writer);
        }
        foreach (var state in dictionary.State)
        {
            state.SaveStateDict(writer);
        }
    }

    public void load_state_dict(string location)
    {
        using var stream = File.OpenRead(location);
        using var reader = new BinaryReader(stream);
        load_state_dict(reader);
    }

    public void load_state_dict(BinaryReader reader)
    {
        var found = reader.ReadString();
        if (!string.Equals(found, GetType().Name, StringComparison.Ordinal))
        {
            throw new InvalidDataException(
                $"Mismatched optimizer type: expected '{GetType().Name}', but found '{found}' in the loaded stream."
            );
        }
        var dictionary = state_dict();
        RefuseOtherCounts(dictionary, reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
        foreach (var options in dictionary.Options)
        {
            options.LoadStateDict(reader);
        }
        foreach (var state in dictionary.State)
        {
            state.LoadStateDict(reader);
        }
    }

    internal abstract OptimizerOptions Defaults { get; }

    internal abstract OptimizerOptions NewOptions();

    internal abstract OptimizerState NewState(Parameter parameter);

    /// <summary>Evaluates the closure, if any, and updates every group without recording gradients.</summary>
    protected Tensor _step<T>(Action<T> body, Func<Tensor> loss_closure = null)
        where T : ParamGroup
    {
        Tensor loss = null;
        if (loss_closure is not null)
        {
            using (enable_grad())
            {
                loss = loss_closure();
            }
        }
        using (no_grad())
        {
            foreach (var group in groups)
            {
                using var scope = NewDisposeScope();
                body((T)group);
            }
        }
        return loss;
    }

    /// <summary>The parameters of a group that have gradients, with these and their states.</summary>
    private protected (Tensor[] Parameters, Tensor[] Gradients, TState[] States) Active<TState>(ParamGroup group)
        where TState : OptimizerState
    {
        var all = group.Parameters as Parameter[] ?? group.Parameters.ToArray();
        var active = new Tensor[all.Length];
        var gradients = new Tensor[all.Length];
        var activeStates = new TState[all.Length];
        var count = 0;
        foreach (var parameter in all)
        {
            if (parameter.grad is { } gradient)
            {
                active[count] = parameter;
                gradients[count] = gradient;
                activeStates[count++] = (TState)states[parameter];
            }
        }
        Array.Resize(ref active, count);
        Array.Resize(ref gradients, count);
        Array.Resize(ref activeStates, count);
        return (active, gradients, activeStates);
    }

    private protected override void DisposeStates()
    {
        foreach (var state in states.Values)
        {
            (state as IDisposable)?.Dispose();
        }
        states.Clear();
    }

    private static void RefuseOtherCounts(StateDictionary mine, int options, int states)
    {
        if (options != mine.Options.Count)
        {
            throw new ArgumentException(
                $"Invalid optimizer state -- {options} parameter groups, expected {mine.Options.Count}."
            );
        }
        if (states != mine.State.Count)
        {
            throw new ArgumentException($"Invalid optimizer state -- {states} states, expected {mine.State.Count}.");
        }
    }
}
